// What is being brought in: the queue as it is worked through, and the ways into it. The last part of
// the library's script (see library.js), so the library begins here.

const SHOWN = 12; // items of the queue that have ended and are still shown
const SOON = 700, LATER = 5000; // milliseconds between two looks at the queue: busy, idle
const rows = new Map(); // id → what its row is made of
const tidied = new Set(); // ids that the reader has hidden
const ENDED = ["done", "already", "failed", "cancelled"];
const ended = (item) => ENDED.includes(item.state);
let known = null; // id → state, as last seen
let looking = 0, looks = 0;

function words(item) {
  if (item.cancelling) return "Cancelling…";
  switch (item.state) {
    case "waiting": return "Waiting";
    case "fetching":
      if (!item.done) return "Fetching…";
      return `Fetching, ${size(item.done)}${item.of ? ` of ${size(item.of)}` : ""}`;
    case "converting":
      if (!item.done) return "Converting…";
      return `Converting, ${count(item.done, "article", "articles")} so far`;
    case "embedding":
      if (!item.of) return "Indexing…";
      return `${number(item.done)} of ${count(item.of, "passage", "passages")} embedded`;
    case "done": return item.count > 1 ? `Done: ${count(item.count, "article", "articles")}` : "Done";
    case "already":
      return item.count > 1 ? `All ${number(item.count)} articles are here already` : "Already here";
    case "cancelled": return "Cancelled";
    default: return "Failed";
  }
}

function row(item) {
  const parts = {
    node: make("li"), name: make("span", item.label, { class: "name", dir: "auto", title: item.label }),
    state: make("span", "", { class: "state" }), bar: make("progress"),
    about: make("div", undefined, { class: "about" }),
    cancel: make("button", "Cancel",
      { type: "button", class: "quiet", "aria-label": `Cancel ${item.label}` }),
  };
  parts.cancel.addEventListener("click", () => {
    parts.cancel.disabled = true;
    ask(`/api/sources/${item.id}`, { method: "DELETE" }).then(look, look);
  });
  parts.bar.setAttribute("aria-label", `How far ${item.label} is`);
  parts.node.append(parts.name, parts.state, parts.cancel, parts.bar, parts.about);
  return parts;
}

function showItem(parts, item) {
  const told = JSON.stringify(item);
  if (parts.told === told) return;
  parts.told = told;
  parts.node.className = item.state;
  parts.state.textContent = words(item);
  parts.bar.hidden = ended(item) || item.state === "waiting";
  if (item.of) { parts.bar.max = item.of; parts.bar.value = Math.min(item.done, item.of); }
  else parts.bar.removeAttribute("value");
  parts.cancel.hidden = ended(item) || item.cancelling;
  const more = item.articles.length ? item.count - item.articles.length : 0;
  parts.about.replaceChildren(
    ...(item.reason ? [make("p", item.reason, { class: "reason", dir: "auto" })] : []),
    ...item.articles.map((one) => {
      const line = make("p");
      line.append(article(one.sha256, one.title));
      return line;
    }),
    ...(more > 0 ? [make("p", `and ${number(more)} more`)] : []),
    ...item.remarks.map((one) => make("p", one, { class: "remark", dir: "auto" })));
}

function showQueue(items) {
  const finished = items.filter(ended).filter((item) => !tidied.has(item.id)).slice(-SHOWN);
  const shown = [...items.filter((item) => !ended(item)), ...finished.reverse()];
  const list = $(".queue ul");
  for (const [id, parts] of rows) {
    if (!shown.some((item) => item.id === id)) { parts.node.remove(); rows.delete(id); }
  }
  shown.forEach((item, at) => {
    if (!rows.has(item.id)) rows.set(item.id, row(item));
    const parts = rows.get(item.id);
    showItem(parts, item);
    if (list.children[at] !== parts.node) list.insertBefore(parts.node, list.children[at] ?? null);
  });
  $(".queue").hidden = shown.length === 0 && !$(".queue .sending").textContent;
  $(".queue .tidy").hidden = finished.length === 0;
  $(".queue .tidy").onclick = () => {
    finished.forEach((item) => tidied.add(item.id));
    showQueue(items);
  };
}

// What has ended since the last look: told once, and the table and the head follow.
function follow(items) {
  const before = known;
  known = new Map(items.map((item) => [item.id, item.state]));
  if (before === null) { // what had ended before this page was opened is old news
    items.filter(ended).forEach((item) => tidied.add(item.id));
    return;
  }
  const news = items.filter((item) => ended(item) && !ENDED.includes(before.get(item.id)));
  if (!news.length) return;
  const said = news.map((item) => `${item.label}: ${words(item)}. ${item.reason}`);
  $(".queue .told").textContent = said.join(" ");
  if (news.some((item) => item.state !== "already")) changed();
}

async function look() {
  const turn = ++looks;
  clearTimeout(looking);
  let busy = false;
  try {
    const working = known !== null && [...known.values()].some((state) => !ENDED.includes(state));
    if (takes && (inView() || known === null || working)) {
      const { items } = await ask("/api/sources");
      if (turn !== looks) return; // a later look tells more
      follow(items);
      showQueue(items);
      busy = items.some((item) => !ended(item));
    }
  } catch { /* the next look may find the server again */ }
  if (turn === looks) looking = setTimeout(look, busy ? SOON : LATER);
}

// ---- bringing in ---------------------------------------------------------------------------------

$(".bring").hidden = !takes;
const refuse = (text) => { $(".refusal").textContent = text; };

async function send(files) {
  refuse("");
  for (const [at, file] of [...files].entries()) {
    $(".queue .sending").textContent = `Sending ${file.name} (${at + 1} of ${files.length})…`;
    $(".queue").hidden = false;
    const form = new FormData();
    form.append("files", file, file.name);
    try {
      await ask("/api/sources", { method: "POST", body: form });
    } catch (error) {
      refuse(`${file.name}: ${error.message}`);
    }
    await look();
  }
  $(".queue .sending").textContent = "";
  look();
}

$(".bring").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = $("[name=address]"), follow = $("[name=follow]");
  if (!field.value.trim()) { field.focus(); return; }
  refuse("");
  try {
    await post("/api/sources", { address: field.value.trim(), follow: follow.checked });
    field.value = "";
    follow.checked = false;
  } catch (error) {
    refuse(error.message);
  }
  look();
});
$("input[type=file]").addEventListener("change", (event) => {
  send([...event.target.files]);
  event.target.value = "";
});

// The files of a drop, also those in dropped folders.
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const files = [];
  const walk = async (entry) => {
    if (entry.name.startsWith(".")) return;
    if (entry.isFile) files.push(await new Promise((good, bad) => entry.file(good, bad)));
    else {
      const reader = entry.createReader();
      for (;;) { // a reader gives a hundred at a time
        const some = await new Promise((good, bad) => reader.readEntries(good, bad));
        if (!some.length) return;
        for (const one of some) await walk(one);
      }
    }
  };
  for (const entry of entries) await walk(entry);
  return files;
}
for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, async (event) => {
    if (!inView() || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // also beside the field: the browser would leave the page for the file
    const over = takes && (kind === "dragenter" || kind === "dragover");
    $(".drop").classList.toggle("over", over);
    if (kind !== "drop" || !takes) return;
    try { await send(await dropped(event.dataTransfer)); }
    catch { refuse("What was dropped cannot be read. Choose the files instead."); }
  });
}

// ---- begin ---------------------------------------------------------------------------------------

view(location.hash === "#library" ? "library" : "ask");
addEventListener("hashchange", () => {
  if (["#library", "#ask"].includes(location.hash)) view(location.hash.slice(1));
});
look();
