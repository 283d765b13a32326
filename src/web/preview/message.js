// A message on its desk: any width, the line that a piece came from, and its
// words changed in place.

const NARROWEST = 240;
const WIDEST = 1600;
let picked = null;

const desk = () => document.querySelector(".desk .sheet");
const frame = () => document.querySelector(".paper iframe.whole:not(.coming)");
const line = () => document.querySelector("p.leads");

const fileUrl = ({ file, first, last }) =>
  `/file/${file.split("/").map(encodeURIComponent).join("/")}?line=${first}&last=${last}#L${first}`;

function describe(piece) {
  const said = line();
  if (!said || !piece.file) return;
  const lines = piece.first === piece.last ? `line ${piece.first}` : `lines ${piece.first}–${piece.last}`;
  const link = document.createElement("a");
  link.href = fileUrl(piece);
  link.dataset.soft = "";
  link.textContent = `${piece.file}, ${lines}`;
  said.replaceChildren(piece.href ? `This link leads to ${piece.href} ` : "From ", link);
  if (!piece.file.endsWith(".md")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = "Edit the words";
  button.addEventListener("click", () => edit(piece));
  said.append(" ", button);
}

/** Opens the editor over `piece`, with its words as they stand in the file. */
async function edit(piece) {
  const editor = document.querySelector(".editor");
  if (!editor || !piece.file) return;
  const query = new URLSearchParams({ file: piece.file, first: piece.first, last: piece.last });
  const answer = await fetch(`/lines?${query}`);
  const { text, editable, what } = await answer.json();
  if (!editable) {
    const why = what ?? "These lines cannot be changed here: open the file.";
    line()?.replaceChildren(why);
    return;
  }
  const words = editor.querySelector("textarea");
  const prefix = piece.isHeader ? text.match(/^[^:]*:\s*/)?.[0] ?? "" : "";
  editor.hidden = false;
  editor.dataset.state = JSON.stringify({ ...piece, before: text, prefix });
  editor.querySelector(".where").textContent = `${piece.file}:${piece.first}`;
  editor.querySelector(".trouble").textContent = "";
  words.value = text.slice(prefix.length);
  const top = piece.isHeader ? 0 : Math.max(0, piece.top ?? 0);
  editor.style.top = `${Math.round(top)}px`;
  words.style.height = `${Math.max(64, Math.round((piece.height ?? 0) + 24))}px`;
  line()?.setAttribute("hidden", "");
  words.focus();
  editor.scrollIntoView({ block: "center" });
  words.setSelectionRange(words.value.length, words.value.length);
}

async function save(editor) {
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
  frame()?.focus();
}

addEventListener("message", ({ source, data }) => {
  if (!data || source !== frame()?.contentWindow) return;
  if (data.fascicle === "picked") describe((picked = data));
  if (data.fascicle === "edit") edit((picked = data));
});

addEventListener("click", async ({ target }) => {
  const editor = target.closest?.(".editor");
  if (editor && target.closest("[data-save]")) save(editor);
  if (editor && target.closest("[data-cancel]")) close(editor);
  const header = target.closest?.("[data-edit]");
  if (header) {
    const at = Number(header.dataset.line);
    edit({ file: header.dataset.edit, first: at, last: at, isHeader: true });
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
  const step = { ArrowLeft: -10, ArrowRight: 10, PageDown: -100, PageUp: 100 }[event.key];
  if (grip && step) {
    event.preventDefault();
    widen(current() + step);
    remember();
  }
});

// Any width: the grip beside the mail is dragged, or moved by keys.
const current = () => frame()?.offsetWidth ?? 375;

function widen(pixels) {
  const wide = Math.min(WIDEST, Math.max(NARROWEST, Math.round(pixels)));
  for (const one of document.querySelectorAll(".paper iframe.whole")) one.setAttribute("width", wide);
  desk().dataset.width = wide;
  document.querySelector(".grip").setAttribute("aria-valuenow", wide);
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
  grip.addEventListener("pointerup", end, { once: true });
});

export function paint() {
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
  const grip = document.querySelector(".grip");
  if (!grip) return;
  grip.hidden = false;
  grip.setAttribute("aria-valuenow", current());
}
