"use strict";
// Connects the page to the checks: reads what is typed, chosen and dropped, and shows what they say.
//
// Nothing is sent anywhere: the page's policy forbids every request.

// What each word of the ladder says (docs/protocol.md).
const MEANING = {
  BROKEN: "A rule of the draw does not hold. Do not rely on these files.",
  UNUSABLE: "Something is missing without which nothing can be said.",
  CONSISTENT: "These files agree with each other. Anybody who has a copy can make such files.",
  SIGNED: "The holders of the keys that you named vouch for the lists, the requests and these records. That does not say " +
    "that nothing followed them, that no other ledger exists, or that no draw was tried elsewhere.",
  WITNESSED: "The holders of the keys that you named vouch for the lists, the requests and these records; and for every " +
    "spin you kept the anchor before its last entropy text, and a head at or after its result.",
};

const part = (id) => document.getElementById(id);
const typed = (id) => part(id).value;
const written = (id) => typed(id).split(/[\n,]/).map((one) => one.trim()).filter(Boolean);
const painted = () => new Promise((done) => setTimeout(done, 30)); // lets the browser show "Checking ..."

function element(name, content, className = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...[content].flat());
  return made;
}

const paragraphs = (texts) => texts.map((one) => element("p", one));
const listOf = (texts) => element("ul", texts.map((one) => element("li", one)));

// --- The files of a draw ---

let chosen = []; // {name, part, file} of everything to read; a part of a home has a limit of its own
let draw = null; // the last answer about them

// Browsers give a dropped folder as a handle or as an entry. Chromium cannot read an entry on a page that was opened from a
// file, and other browsers have no handles.

async function filesOfHandle(handle, prefix = "") { // {path, file}, paths relative to the folder
  const found = [];
  for await (const one of handle.values()) {
    if (one.kind === "directory") found.push(...(await filesOfHandle(one, `${prefix}${one.name}/`)));
    else found.push({ path: prefix + one.name, file: await one.getFile() });
  }
  return found;
}

async function filesOfEntry(folder, prefix = "") { // likewise; entries come in batches, and an empty one at the end
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length) return found;
    for (const one of batch) {
      if (one.isDirectory) found.push(...(await filesOfEntry(one, `${prefix}${one.name}/`)));
      else found.push({ path: prefix + one.name, file: await new Promise((resolve, reject) => one.file(resolve, reject)) });
    }
  }
}

function toRead(files) { // those of a folder that verify_draw.py would read
  const wanted = new Set(foundUnder(files.map((one) => one.path)));
  return files.filter((one) => wanted.has(one.path)).map(({ path, file }) => ({ name: path, part: partOf(path), file }));
}

async function fromDrop(transfer) { // everything is asked of `transfer` at once: it is empty when the event is over
  const items = [...transfer.items].filter((one) => one.kind === "file");
  const dropped = items.map((one) => ({
    file: one.getAsFile(),
    entry: one.webkitGetAsEntry(),
    handle: one.getAsFileSystemHandle ? one.getAsFileSystemHandle() : null,
  }));
  const found = [];
  for (const { file, entry, handle } of dropped) {
    const opened = handle && (await handle);
    if (opened && opened.kind === "directory") found.push(...toRead(await filesOfHandle(opened)));
    else if (!opened && entry && entry.isDirectory) found.push(...toRead(await filesOfEntry(entry)));
    else found.push(...single([file]));
  }
  return found;
}

const single = (files) =>
  files.filter((file) => !file.name.startsWith("names-")).map((file) => ({ name: file.name, part: file.name, file }));

const fromFolder = (files) => // webkitRelativePath begins with the folder's own name
  toRead([...files].map((file) => ({ path: file.webkitRelativePath.replace(/^[^/]*\//, ""), file })));

function choose(found) {
  chosen = found;
  draw = null;
  part("answer").replaceChildren();
  part("chosen").textContent = `${found.length} ${found.length === 1 ? "file" : "files"} to read`;
}

const contents = async (file) => new Uint8Array(await file.arrayBuffer());

// --- What the checks say ---

function showAnswer({ report, refused, status }, options) {
  const shown = [element("div", report.sentence, `word ${report.verdict}`)];
  if (report.level !== undefined) shown.push(element("p", `Level: ${report.level}`));
  shown.push(element("p", MEANING[report.verdict]));
  if (report.problem !== undefined) shown.push(element("p", report.problem));
  shown.push(listOf(basisOf(report, options)));
  if (report["why not SIGNED"] && report["why not SIGNED"].length) {
    shown.push(element("h3", "Why it is not SIGNED"), listOf(report["why not SIGNED"]));
  }
  if (report.notices && report.notices.length) shown.push(element("h3", "Notices"), listOf(report.notices));
  if (report.spins && report.spins.length) shown.push(element("h3", "Spins"), tableOf(report.spins));
  if (refused.size) {
    const which = [...refused].map(([name, why]) => `${inPython(name)}: ${why}`);
    shown.push(element("details", [element("summary", `Files that were ignored: ${refused.size}`), listOf(which)]));
  }
  const all = element("pre", inLines(report).join("\n"));
  all.id = "lines";
  const told = element("p", `Exit status of verify_draw.py, unless --require asks for another word: ${status}`, "small");
  shown.push(element("details", [element("summary", "Everything, as verify_draw.py prints it"), all, told]));
  part("answer").replaceChildren(...shown);
}

function basisOf(report, { kiosk, organiser, seen, accept }) { // what the verdict rests on, for the print-out
  const told = (what, values) => `${what}: ${values.join(", ") || "none"}`;
  const basis = [told("Kiosk's keys named", kiosk), told("Organiser's keys named", organiser)];
  if (seen.length) basis.push(told("Anchors and heads kept", seen));
  if (accept.length) basis.push(told("Records accepted", accept));
  if (report.head) basis.push(`Head of the last record, ${report.records}: ${report.head}`);
  return basis;
}

function tableOf(spins) {
  const head = element("tr", ["Spin", "Prize", "Places", "Winners", "How"].map((one) => element("th", one)));
  const rows = spins.map((one) => {
    const how = [one.mode, one.fallback, one.level, one.witnessed ? "WITNESSED" : ""].filter(Boolean).join("; ");
    const cells = [String(one.spin), one.prize, one.places.replaceAll(",", ", "), one.winners.join(", ") || "not drawn yet", how];
    return element("tr", cells.map((cell) => element("td", cell)));
  });
  return element("div", element("table", [element("thead", head), element("tbody", rows)]), "wide");
}

async function checkDraw() {
  part("answer").replaceChildren(element("p", "Checking ..."));
  await painted();
  const accept = written("accept").map(Number).filter(Number.isSafeInteger);
  const options = { kiosk: written("kiosks"), organiser: written("organisers"), seen: written("seen"), accept };
  const found = chosen.map(({ name, part: of, file }) => [name, of, file.size, () => contents(file)]);
  draw = await answer(found, options);
  showAnswer(draw, options);
}

async function checkTicket(published) {
  part("verdict").textContent = "Checking ...";
  part("why").replaceChildren();
  await painted();
  const names = ["ticket", "code", "group", "chances", "household", "keyid"];
  const said = await checkEntry(published, Object.fromEntries(names.map((name) => [name, typed(name)])));
  const lines = [`Ticket ${typed("ticket").trim()}`, ...said.why];
  if (said.event && draw) lines.splice(1, 0, ...resultOf(draw, said.event, typed("ticket").trim()));
  else if (said.event) lines.push("After the draw: check its files below, then check the ticket again to read what it won.");
  part("verdict").textContent = said.verdict;
  part("why").replaceChildren(...paragraphs(lines));
}

if (typeof document !== "undefined") {
  const published = JSON.parse(part("published").textContent);
  const on = (id, name, act) =>
    part(id).addEventListener(name, (event) => {
      event.preventDefault();
      act(event);
    });
  on("ticket-form", "submit", () => checkTicket(published));
  on("draw-form", "submit", checkDraw);
  on("folder", "change", (event) => choose(fromFolder(event.target.files)));
  on("files", "change", (event) => choose(single([...event.target.files])));
  on("drop", "dragover", () => {});
  on("drop", "drop", async (event) => {
    try {
      choose(await fromDrop(event.dataTransfer));
    } catch (error) {
      part("chosen").textContent = `This browser cannot read what was dropped (${error.message}). Choose the folder instead.`;
    }
  });
}
