// What the page does beyond Gradio: a click on a citation opens its article, marked, in the evidence
// pane; "Copy with sources" copies an answer as plain text. Runs once, inside the evidence
// component, which Gradio gives `element`, `props`, `watch` and `server`.
//
// Nothing here makes HTML. What the pane shows was escaped by web/render.py.

const narrow = () => window.matchMedia("(max-width: 900px)").matches;
const PLACES = 'a[href^="#cite-"], a[href^="#article-"]'; // a cited place, a whole article
const name = (link) => link.hash.replace(/^#(cite|article)-/, "");
let asked = 0; // how many places were asked for
let questions = 0; // how many the chat shows
const chat = () => document.getElementById("chat");

// Bring the marked words into the middle of the pane; on a phone, of the window.
function reveal(moveWindow) {
  const mark = element.querySelector("mark.cited");
  const pane = document.getElementById("evidence-pane");
  if (!mark) {
    pane.scrollTop = 0;
    if (narrow() && moveWindow) pane.scrollIntoView({ behavior: "smooth" });
    return;
  }
  if (narrow()) {
    if (moveWindow) mark.scrollIntoView({ block: "center", behavior: "smooth" });
    return;
  }
  const offset = mark.getBoundingClientRect().top - pane.getBoundingClientRect().top;
  pane.scrollTop += offset - Math.min(pane.clientHeight / 3, 220);
}

// Once the pane has been drawn anew: name what is open, and bring it into view. Of two places in one
// article only attributes and text change, which no observer of the page sees.
function drawn(moveWindow) {
  requestAnimationFrame(() => { label(); reveal(moveWindow); });
}

// Show a place; `others` are the answer's further citations. False where the name means nothing.
async function show(place, others) {
  const turn = ++asked;
  const shown = await server.evidence([place, others]).catch(() => null);
  if (!shown || turn !== asked) return false; // nothing there, or another was clicked meanwhile
  props.value = shown;
  drawn(true);
  return true;
}

async function open(link) {
  const reply = link.closest(".reply");
  const others = reply ? [...reply.querySelectorAll("a.cite")].map(name) : [];
  if (await show(name(link), others)) history.replaceState(null, "", link.hash);
}

// On a phone: from the evidence back to the citation, or the library's row, that it belongs to.
function back() {
  const link = [...document.querySelectorAll('a[aria-current="true"]')].find((one) => one.offsetParent);
  link?.scrollIntoView({ block: "center", behavior: "smooth" });
  link?.focus({ preventScroll: true });
}
new IntersectionObserver(([pane]) => {
  document.getElementById("evidence-pane").classList.toggle("reading", pane.isIntersecting);
}, { rootMargin: "0px 0px -50% 0px" }).observe(element);

// The answer as plain text: sentences with [n], where the sources differ, then each source on a line.
// Verdicts and what was found wrong are the page's remarks, and stay on it.
function plain(reply) {
  const text = (node) => node.textContent.trim().replace(/\s+/g, " ");
  const line = (node) => {
    const copy = node.cloneNode(true);
    for (const remark of copy.querySelectorAll(".verdict, .finding, .evidence")) remark.remove();
    for (const chip of copy.querySelectorAll("a.cite")) chip.replaceWith(` [${text(chip)}]`);
    for (const about of copy.querySelectorAll(".about")) about.replaceWith(` (${text(about)})`);
    return text(copy);
  };
  const lines = (selector) => [...reply.querySelectorAll(selector)].map(line);
  const differences = [...reply.querySelectorAll(".differences")].map((one) =>
    [`${text(one.querySelector(".label"))}:`, ...[...one.querySelectorAll(".differing")].map(line)]);
  const sources = [...reply.querySelectorAll(".source")].map((source) => {
    const part = (name) => source.querySelector(name)?.textContent.trim() ?? "";
    const about = part(".about");
    return `[${part(".numbers").split(" ").join("] [")}] ${part(".open")}${about ? ", " + about : ""}`;
  });
  const parts = [lines(".claim"), ...differences, sources].filter((part) => part.length);
  return parts.map((part) => part.join("\n") + "\n").join("\n");
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(plain(button.closest(".reply")));
    button.textContent = "Copied";
  } catch { // browsers allow it on localhost and over https only
    button.textContent = "This browser copies only on localhost or over https";
  }
  setTimeout(() => { button.textContent = "Copy with sources"; }, 1600);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(`${PLACES}, a[href="#copy"]`);
  if (event.target.closest?.("#evidence .back")) back();
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab is fine too
  event.preventDefault();
  if (link.hash === "#copy") copy(link);
  else open(link);
}, true);

// A menu that opens at the lower edge of the chat comes into view.
document.addEventListener("toggle", (event) => {
  if (event.target.open) event.target.scrollIntoView({ block: "nearest", behavior: "smooth" });
}, true);

// The newest question goes to the top of the chat, so that its answer is read from its beginning.
function follow() {
  const rows = chat().querySelectorAll(".user-row");
  if (rows.length > questions && rows.length > 1) {
    const newest = rows[rows.length - 1];
    const pane = newest.closest(".bubble-wrap");
    pane.scrollTop += newest.getBoundingClientRect().top - pane.getBoundingClientRect().top;
  }
  questions = rows.length;
}

// Gradio's sanitiser drops labels from messages, and labels each message with its own HTML. Give
// citations back a name (and a tooltip) out of the sources that the reply lists, and show which of
// them the evidence pane has open.
function label() {
  if (!chat()) return; // the chat may be drawn after the evidence pane
  const mode = document.getElementById("mode"); // a group of buttons that Gradio leaves nameless
  mode?.setAttribute("aria-label", mode.querySelector('[data-testid="block-info"]').textContent);
  follow();
  for (const message of chat().querySelectorAll("[data-testid][aria-label]")) {
    message.removeAttribute("aria-label");
  }
  for (const link of chat().querySelectorAll("a.export[target]")) {
    link.removeAttribute("target"); // Gradio's: a download needs no new tab
  }
  for (const source of chat().querySelectorAll(".source, .evidence")) {
    const about = [".open", ".about"].map((part) => source.querySelector(part)?.textContent);
    const numbers = (source.querySelector(".numbers")?.textContent ?? "").split(" ");
    for (const chip of source.closest(".reply").querySelectorAll("a.cite:not([data-source])")) {
      if (!numbers.includes(chip.textContent.trim())) continue;
      chip.dataset.source = about.filter(Boolean).join(" · ");
      chip.setAttribute("aria-label", `Source ${chip.textContent.trim()}: ${chip.dataset.source}`);
    }
  }
  const place = element.querySelector("article")?.dataset.place;
  for (const link of document.querySelectorAll(PLACES)) {
    if (name(link) === place) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}
new MutationObserver(label).observe(document.body, { childList: true, subtree: true });

// A new answer opens its first citation by itself.
watch("value", () => drawn(false));

// A link such as http://localhost:7860/#cite-… opens its place.
if (/^#(cite|article)-/.test(location.hash)) show(name(location), []);
