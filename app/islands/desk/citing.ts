/** Select words in a contribution, and « Citer ici » cites exactly these; while a passage is written, where its caret stands. */
export function mindCiting(desk: HTMLElement): void {
  let caret: number | null = null; // where its author put it: a focus given by the page is no choice
  for (const touched of ["keyup", "pointerup", "input"]) {
    desk.addEventListener(touched, (event) => {
      const text = passageText(desk);
      if (text && event.target === text) caret = text.selectionStart;
    });
  }
  document.addEventListener("selectionchange", () => choose(desk));
  desk.addEventListener("input", (event) => {
    const field = event.target as HTMLElement;
    if (field.matches("form[data-cite] textarea[name=quote]")) forget(field.closest("form") as HTMLFormElement);
  });
  desk.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.matches("form[data-cite]")) carry(desk, form, caret);
  });
}

function passageText(desk: HTMLElement): HTMLTextAreaElement | null {
  return desk.querySelector<HTMLTextAreaElement>("form[data-write] textarea[name=markdown]");
}

function choose(desk: HTMLElement): void {
  const selection = document.getSelection();
  const words = desk.querySelector<HTMLElement>("[data-words]");
  const form = desk.querySelector<HTMLFormElement>("form[data-cite]");
  if (!words || !form || !selection || selection.isCollapsed || !selection.rangeCount) return;
  const range = selection.getRangeAt(0);
  if (!words.contains(range.startContainer) || !words.contains(range.endContainer)) return;
  const before = document.createRange();
  before.setStart(words, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const start = [...before.toString()].length;
  const chosen = range.toString();
  const length = [...chosen].length;
  set(form, "start", String(start));
  set(form, "end", String(start + length));
  set(form, "quote", chosen);
  const count = form.querySelector("[data-count]");
  if (count) count.textContent = `${desk.dataset["chosen"]} ${length}`;
}

/** What is typed in the field is looked for in the text again: the selection no longer says where it stands. */
function forget(form: HTMLFormElement): void {
  set(form, "start", "");
  set(form, "end", "");
}

/** The text that is being written goes along, so that citing saves it instead of losing it. */
function carry(desk: HTMLElement, form: HTMLFormElement, caret: number | null): void {
  const text = passageText(desk);
  const written = text?.form;
  const target = form.querySelector<HTMLSelectElement>("select[name=target]")?.value ?? "";
  if (!text || !written || !target.startsWith(`${written.dataset["write"]}:`)) return;
  const version = written.querySelector<HTMLInputElement>('input[name="version"]')?.value ?? "";
  add(form, "markdown", text.value);
  add(form, "version", version);
  if (caret !== null) add(form, "at", String([...text.value.slice(0, caret)].length));
}

function set(form: HTMLFormElement, name: string, value: string): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = value;
}

function add(form: HTMLFormElement, name: string, value: string): void {
  form.querySelector(`input[type="hidden"][name="${name}"]`)?.remove();
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
}
