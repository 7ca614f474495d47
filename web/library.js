// The library: its view, and the table of its articles. Runs once, inside a component of its own,
// which Gradio gives `element`, `props` and `trigger`; library_versions.js and library_queue.js come
// after it in the same function (chat.py joins them).
//
// Everything that came from outside enters the page as a text node or through `value`: nothing here
// parses HTML. Articles open by a link to #article-<sha256>, which page.js follows.

const $ = (selector) => element.querySelector(selector);
const PAGE = 50; // articles of one page of the table
const wanted = { q: "", publisher: "", language: "", since: "", until: "",
  sort: "indexed", descending: true, offset: 0 };
const takes = props.value === "takes sources"; // a server may be told to bring none in
const inView = () => document.body.classList.contains("library");

function make(tag, text, attributes = {}) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

// The reply of our own API as an object; its message in words as an Error.
async function ask(path, options = {}) {
  const reply = await fetch(path, options).catch(() => null);
  if (!reply) throw new Error("The server does not answer. Is it still running?");
  const told = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Error(told.error || `The server refused it (${reply.status}).`);
  return told;
}
const post = (path, body) => ask(path, { method: "POST",
  headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

const number = (value) => value.toLocaleString("en");
const count = (value, one, many) => `${number(value)} ${value === 1 ? one : many}`;
const size = (bytes) => bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
const DAY = { day: "numeric", month: "short", year: "numeric" };
const MOMENT = { ...DAY, hour: "2-digit", minute: "2-digit" };
function when(iso, parts) { // as the reader's clock has it
  const at = new Date(iso);
  return isNaN(at) ? iso || "" : at.toLocaleString("en-GB", parts);
}
const article = (sha256, title) =>
  make("a", title, { href: `#article-${sha256}`, class: "open", dir: "auto" });

// ---- views ---------------------------------------------------------------------------------------

function view(name) {
  document.body.classList.toggle("library", name === "library");
  for (const link of document.querySelectorAll("#views a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (name === "library") { facets(); load(); look(); }
}
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#views a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.replaceState(null, "", link.hash);
  view(link.hash.slice(1));
});

// ---- the table -----------------------------------------------------------------------------------

let loads = 0;

function query() {
  const asked = new URLSearchParams({ sort: wanted.sort, descending: wanted.descending,
    limit: PAGE, offset: wanted.offset });
  for (const name of ["q", "publisher", "language", "since", "until"]) {
    if (wanted[name]) asked.set(name, wanted[name]);
  }
  return asked;
}

async function load() {
  const turn = ++loads;
  try {
    const { total, articles } = await ask(`/api/library?${query()}`);
    if (turn !== loads) return; // another page was asked for meanwhile
    if (!articles.length && wanted.offset) { wanted.offset = 0; load(); return; }
    showTable(total, articles);
  } catch (error) {
    if (turn === loads) $(".total").textContent = error.message;
  }
}

function cell(text, attributes = {}) {
  return make("td", text ?? "", attributes);
}

function tableRow(one) {
  const title = make("td", undefined, { class: "title" });
  const about = [one.authors.join(", "), one.path].filter(Boolean).join(" · ");
  title.append(article(one.sha256, one.title), make("span", about, { class: "about", dir: "auto" }));
  const tools = make("td", undefined, { class: "tools" });
  for (const [label, act] of [["History", versions], ...(takes ? [["Remove", removal]] : [])]) {
    const button = make("button", label,
      { type: "button", class: "quiet", "aria-label": `${label}: ${one.title}` });
    button.addEventListener("click", () => act(one));
    tools.append(button);
  }
  const line = make("tr");
  line.append(title, cell(one.publisher, { dir: "auto" }), cell(one.published),
    cell(one.language),
    cell(number(one.passages), { class: "number" }),
    cell(when(one.indexed, DAY), { title: when(one.indexed, MOMENT) }), tools);
  return line;
}

function showTable(total, articles) {
  $("tbody").replaceChildren(...articles.map(tableRow));
  const narrowed = ["q", "publisher", "language", "since", "until"].some((name) => wanted[name]);
  $(".total").textContent = total ? `${count(total, "article", "articles")}${narrowed ? " found" : ""}`
    : narrowed ? "No article fits. Take a word or a filter away." : "There are no articles yet.";
  $("table").hidden = total === 0;
  for (const button of element.querySelectorAll("[data-sort]")) {
    const sorted = button.dataset.sort === wanted.sort;
    button.closest("th").setAttribute("aria-sort",
      !sorted ? "none" : wanted.descending ? "descending" : "ascending");
  }
  const last = wanted.offset + articles.length;
  $(".pages").hidden = total <= PAGE;
  $(".pages span").textContent =
    `${number(wanted.offset + 1)}–${number(last)} of ${number(total)}`;
  $(".earlier").disabled = wanted.offset === 0;
  $(".later").disabled = last >= total;
}

async function facets() {
  const told = await ask("/api/facets").catch(() => null);
  if (!told) return;
  for (const [name, all, list] of [["publisher", "All publishers", told.publishers],
    ["language", "All languages", told.languages]]) {
    const select = $(`select[name=${name}]`);
    const options = list.map((one) =>
      make("option", `${one.name} (${number(one.articles)})`, { value: one.name }));
    select.replaceChildren(make("option", all, { value: "" }), ...options);
    select.value = wanted[name];
    if (select.value !== wanted[name]) { select.value = wanted[name] = ""; load(); }
  }
  if (told.first) $("[name=since]").placeholder = told.first;
  if (told.last) $("[name=until]").placeholder = told.last;
}

let typing = 0;
$(".find").addEventListener("submit", (event) => event.preventDefault());
$(".find").addEventListener("input", (event) => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    wanted[event.target.name] = event.target.value.trim();
    wanted.offset = 0;
    load();
  }, event.target.tagName === "SELECT" ? 0 : 250);
});
$("thead").addEventListener("click", (event) => {
  const by = event.target.closest("[data-sort]")?.dataset.sort;
  if (!by) return;
  const newestFirst = ["published", "indexed", "passages"].includes(by);
  wanted.descending = wanted.sort === by ? !wanted.descending : newestFirst;
  wanted.sort = by;
  wanted.offset = 0;
  load();
});
function turnPage(by) {
  wanted.offset = Math.max(0, wanted.offset + by * PAGE);
  load().then(() => $(".total").scrollIntoView({ block: "nearest" }));
}
$(".earlier").addEventListener("click", () => turnPage(-1));
$(".later").addEventListener("click", () => turnPage(1));

// The library has changed: show it, and have the head and the filters follow (chat.py hears it).
function changed() {
  if (inView()) { load(); facets(); }
  trigger("stocked");
}
