// A message on its desk: any width, the line that a piece came from, and its
// words changed in place.

const NARROWEST = 240;
const WIDEST = 1600;
let opener = null;

const desk = () => document.querySelector(".desk .sheet");
const frame = () => document.querySelector(".paper iframe.whole:not(.coming)");
const line = () => document.querySelector("p.leads");

const fileUrl = ({ file, first, last }) =>
  `/file/${file.split("/").map(encodeURIComponent).join("/")}?line=${first}&last=${last}#L${first}`;

function describe(piece, why = "") {
  const said = line();
  if (!said || !piece.file) return;
  const lines = piece.first === piece.last ? `line ${piece.first}` : `lines ${piece.first}–${piece.last}`;
  const link = document.createElement("a");
  link.href = fileUrl(piece);
  link.dataset.soft = "";
  link.textContent = `${piece.file}, ${lines}`;
  said.replaceChildren(why, piece.href ? `This link leads to ${piece.href} ` : "From ", link);
  if (why || !piece.file.endsWith(".md")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = "Edit the words";
  button.addEventListener("click", () => edit(piece, frame()));
  said.append(" ", button);
}

/** Opens the editor over `piece`, with its words as they stand in the file. */
async function edit(piece, from) {
  const editor = document.querySelector(".editor");
  if (!editor || !piece.file || !isDone(editor)) return;
  // The layout prints the subject as its title.
  const title = document.querySelector("[data-edit]");
  if (title && !piece.isHeader && piece.text === document.querySelector("h1").textContent) {
    const at = Number(title.dataset.line);
    return edit({ file: title.dataset.edit, first: at, last: at, isHeader: true }, from);
  }
  opener = from;
  const query = new URLSearchParams({ file: piece.file, first: piece.first, last: piece.last });
  const answer = await fetch(`/lines?${query}`).then((one) => one.json(), () => ({ what: "The studio does not answer." }));
  const { text, editable, what } = answer;
  if (!editable) return describe(piece, what ?? "It cannot be changed here. ");
  const words = editor.querySelector("textarea");
  const prefix = piece.isHeader ? text.match(/^[^:]*:\s*/)?.[0] ?? "" : "";
  editor.hidden = false;
  editor.dataset.state = JSON.stringify({ ...piece, before: text, prefix });
  editor.querySelector(".where").textContent = `${piece.file}:${piece.first}`;
  editor.querySelector(".trouble").textContent = "";
  words.value = text.slice(prefix.length);
  words.dataset.before = words.value;
  const top = piece.isHeader ? 0 : Math.max(0, piece.top ?? 0);
  editor.style.top = `${Math.round(top)}px`;
  words.style.height = `${Math.max(64, Math.round((piece.height ?? 0) + 24))}px`;
  line()?.setAttribute("hidden", "");
  words.focus();
  editor.scrollIntoView({ block: "center" });
  words.setSelectionRange(words.value.length, words.value.length);
}

// Words that were typed and not saved are not thrown away unasked.
function isDone(editor) {
  const words = editor.querySelector("textarea");
  if (editor.hidden || words.value === words.dataset.before) return true;
  editor.querySelector(".trouble").textContent = "Save these words first, or cancel.";
  editor.scrollIntoView({ block: "center" });
  words.focus();
  return false;
}

async function save(editor) {
  if (editor.dataset.busy) return;
  editor.dataset.busy = "yes";
  try {
    await write(editor);
  } catch {
    editor.querySelector(".trouble").textContent = "The studio does not answer. The words are still here.";
  } finally {
    delete editor.dataset.busy;
  }
}

async function write(editor) {
  const { file, first, last, before, prefix, isHeader } = JSON.parse(editor.dataset.state);
  const typed = editor.querySelector("textarea").value;
  const after = prefix + (isHeader ? typed.replaceAll(/\s*\n\s*/g, " ") : typed);
  const answer = await fetch("/edit", {
    method: "POST",
    body: new URLSearchParams({ file, first, last, before, after }),
  });
  if (answer.ok) return close(editor, "Saved.");
  const { what } = await answer.json().catch(() => ({ what: "It could not be saved." }));
  editor.querySelector(".trouble").textContent = what;
}

function close(editor, said) {
  editor.hidden = true;
  line()?.removeAttribute("hidden");
  if (said) line()?.replaceChildren(said);
  const back = opener?.isConnected ? opener : frame();
  back?.focus();
  back?.contentWindow?.postMessage({ fascicle: "focus" }, "*");
}

addEventListener("message", ({ source, data }) => {
  if (!data || source !== frame()?.contentWindow) return;
  if (data.fascicle === "picked") describe(data);
  if (data.fascicle === "edit") edit(data, frame());
});

addEventListener("click", async ({ target }) => {
  const editor = target.closest?.(".editor");
  if (editor && target.closest("[data-save]")) save(editor);
  if (editor && target.closest("[data-cancel]")) close(editor);
  const header = target.closest?.("[data-edit]");
  if (header) {
    const at = Number(header.dataset.line);
    edit({ file: header.dataset.edit, first: at, last: at, isHeader: true }, header);
  }
  const copy = target.closest?.("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(new URL(copy.dataset.copy, location.href).href);
    copy.textContent = "Copied";
  }
});

addEventListener("keydown", (event) => {
  const editor = event.target.closest?.(".editor");
  if (editor && event.key === "Escape") close(editor);
  if (editor && event.key === "Enter" && (event.metaKey || event.ctrlKey)) save(editor);
  const grip = event.target.closest?.(".grip");
  const step = { ArrowLeft: -10, ArrowDown: -10, ArrowRight: 10, ArrowUp: 10, PageDown: -100, PageUp: 100 }[event.key];
  const wanted = { Home: NARROWEST, End: WIDEST }[event.key] ?? (step && current() + step);
  if (grip && wanted) {
    event.preventDefault();
    widen(wanted);
    remember();
  }
});

// Any width: the grip beside the mail is dragged, or moved by keys.
const current = () => frame()?.offsetWidth ?? 375;

function widen(pixels) {
  const wide = Math.min(WIDEST, Math.max(NARROWEST, Math.round(pixels)));
  for (const one of document.querySelectorAll(".paper iframe.whole")) one.setAttribute("width", wide);
  desk().dataset.width = wide;
  say(wide);
}

function say(wide) {
  const grip = document.querySelector(".grip");
  grip.setAttribute("aria-valuenow", Math.min(wide, WIDEST));
  grip.setAttribute("aria-valuetext", `${wide} pixels`);
}

function remember() {
  const url = new URL(location.href);
  url.searchParams.set("width", desk().dataset.width);
  dispatchEvent(new CustomEvent("go", { detail: url.href }));
}

addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.(".grip");
  if (!grip) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  const [from, wide] = [event.clientX, current()];
  const drag = ({ clientX }) => widen(wide + 2 * (clientX - from));
  grip.addEventListener("pointermove", drag);
  const end = () => {
    grip.removeEventListener("pointermove", drag);
    remember();
  };
  grip.addEventListener("lostpointercapture", end, { once: true });
});

export function paint() {
  for (const one of document.querySelectorAll(":is([data-copy], [data-edit], [data-hint])[hidden]")) one.hidden = false;
  const grip = document.querySelector(".grip");
  if (!grip) return;
  grip.hidden = false;
  say(current());
}
