// The versions of an article and what they differ in, and its removal, in a dialog. A part of the
// library's script (see library.js).

const dialog = $("dialog");

function showDialog(title, body, buttons) {
  $("#dialog-title").textContent = title;
  $("dialog .body").replaceChildren(...body);
  const close = make("button", buttons.length ? "Keep it" : "Close", { type: "button" });
  close.addEventListener("click", () => dialog.close());
  $("dialog .buttons").replaceChildren(close, ...buttons);
  if (!dialog.open) dialog.showModal();
}

// A link to an article that closes the dialog in front of it.
function leadingTo(sha256, text) {
  const link = article(sha256, text);
  link.addEventListener("click", () => dialog.close());
  return link;
}

function list(nodes, tag = "ul") {
  const made = make(tag);
  made.append(...nodes.map((node) => {
    const item = make("li", undefined, { dir: "auto" });
    item.append(...[node].flat());
    return item;
  }));
  return made;
}

// ---- versions ------------------------------------------------------------------------------------

// The versions of an article, newest first, and what one says otherwise than the one before it.
async function versions(one) {
  let turn = 0; // of two differences that were asked for, only the last is shown
  const about = make("div"), before = make("div");
  const compare = async (pair) => {
    const now = ++turn;
    about.replaceChildren(make("p", "Comparing…", { class: "soft" }));
    try {
      const asked = new URLSearchParams({ path: one.path, ...(pair && { diff: pair }) });
      const told = await ask(`/api/history?${asked}`);
      if (now === turn) about.replaceChildren(...difference(told.difference));
      return told;
    } catch (error) {
      if (now === turn) about.replaceChildren(make("p", error.message));
      return null;
    }
  };
  showDialog(`Versions of “${one.title}”`, [before, about], []);
  const told = await compare();
  if (!told) return;
  const line = (version, at) => versionLine(version, told.versions.slice(at + 1), compare);
  const made = list(told.versions.map(line), "ol");
  made.className = "versions";
  before.replaceChildren(made);
  if (told.alike.length) {
    const near = told.alike.map((other) => {
      const share = `${Math.round(other.share * 100)} % the same`;
      const said = [other.publisher, other.published, share].filter(Boolean).join(" · ");
      return [leadingTo(other.sha256, other.title), ` · ${said}`];
    });
    about.after(make("p", "Nearly the same articles", { class: "label" }), list(near));
  }
}

// One version: since when, until when, and a button that compares it with the one before.
function versionLine(version, older, compare) {
  const since = version.since ? when(version.since, MOMENT) : "at an unknown time";
  const until = version.until ? ` until ${when(version.until, MOMENT)}` : version.current ? ", now" : "";
  if (!version.kept) return `${since}${until}, forgotten`;
  const parts = [leadingTo(version.sha256, since + until)];
  const last = older.find((other) => other.kept && other.sha256 !== version.sha256);
  if (last) {
    const button = make("button", "What changed", { type: "button", class: "quiet" });
    button.addEventListener("click", () => compare(`${last.sha256}..${version.sha256}`));
    parts.push(" ", button);
  }
  return parts;
}

function difference(found) {
  if (!found) return [make("p", "There is only this version.", { class: "soft" })];
  const added = count(found.added, "sentence or line", "sentences or lines");
  const said = make("p", `${added} added, ${number(found.removed)} removed`, { class: "soft" });
  const box = make("div", undefined, { class: "diff", tabindex: "0", "aria-label": "What changed" });
  box.append(...found.pieces.map(piece));
  if (found.more) box.append(make("p", `${number(found.more)} more are not shown.`, { class: "gap" }));
  return found.pieces.length ? [said, box] : [said];
}

function piece(one) {
  if (one.kind === "skipped") return make("p", `… ${number(one.count)} unchanged …`, { class: "gap" });
  const line = make("p", undefined, { class: one.kind, dir: "auto" });
  if (one.kind !== "same") line.append(make("span", `${one.kind}: `, { class: "unseen" }));
  line.append(...marked(one.text, one.marks, one.kind === "removed" ? "del" : "ins"));
  return line;
}

// Text with some ranges of it (in code points) inside <del> or <ins>.
function marked(text, ranges, tag) {
  const points = [...text];
  const parts = [];
  let at = 0;
  for (const [start, end] of ranges) {
    parts.push(points.slice(at, start).join(""), make(tag, points.slice(start, end).join("")));
    at = end;
  }
  return [...parts, points.slice(at).join("")];
}

// ---- removal -------------------------------------------------------------------------------------

const FORGET = " Also forget its earlier versions: answers that cite them cannot be checked any more";

// Removing is asked twice: first what would go is said, and which kept answers cite it.
async function removal(one) {
  const forget = make("input", undefined, { type: "checkbox" });
  const choice = make("label", undefined, { class: "choice" });
  choice.append(forget, FORGET);
  const said = make("div");
  const yes = make("button", "Remove it", { type: "button", class: "danger" });
  const asked = (sure) =>
    post("/api/remove", { names: [one.path], forget: forget.checked, yes: sure });
  const plan = async () => {
    yes.disabled = true;
    try {
      said.replaceChildren(...leaving(await asked(false)));
      yes.disabled = false;
    } catch (error) {
      said.replaceChildren(make("p", error.message));
    }
  };
  forget.addEventListener("change", plan);
  yes.addEventListener("click", async () => {
    yes.disabled = forget.disabled = true;
    try {
      const gone = await asked(true);
      changed();
      showDialog("Removed", leaving(gone), []);
    } catch (error) {
      said.replaceChildren(make("p", error.message));
    }
  });
  showDialog(`Remove “${one.title}”?`, [said, choice], [yes]);
  await plan();
}

// What goes, or is gone: files, passages, originals, and the kept answers that cite them.
function leaving(told) {
  const paths = told.files.map((file) => file.path).join(", ");
  const verb = told.done ? "were" : "will be";
  const parts = [`${paths} and ${count(told.passages, "passage", "passages")} ${verb} taken away`];
  const originals = told.originals.length, forgotten = told.versions.length;
  if (originals) parts.push(`with ${count(originals, "original", "originals")}`);
  if (forgotten) parts.push(`and ${count(forgotten, "version", "versions")} forgotten`);
  const body = [make("p", `${parts.join(" ")}.`, { dir: "auto" })];
  const also = told.files.flatMap((file) => file.also);
  if (also.length) body.push(make("p", `The same text stays as ${also.join(", ")}.`, { dir: "auto" }));
  if (told.cited_by.length) body.push(...citing(told.cited_by));
  else if (!told.done) body.push(make("p", "No kept answer cites it.", { class: "soft" }));
  if (told.remarks.length) body.push(list(told.remarks));
  return body;
}

function citing(answers) {
  const stays = answers.length === 1 ? "it stays, with the words that it quotes"
    : "they stay, with the words that they quote";
  const cites = count(answers.length, "kept answer cites", "kept answers cite");
  const links = answers.slice(0, 20).map((answer) => make("a", answer.question,
    { href: `/answers/${encodeURIComponent(answer.hash)}`, target: "_blank", class: "kept" }));
  return [make("p", `${cites} it; ${stays}:`), list(links)];
}
