interface Mark {
  before: string;
  after: string;
  line: boolean;
}

const MARKS: Record<string, Mark> = {
  bold: { before: "**", after: "**", line: false },
  heading: { before: "### ", after: "", line: true },
  list: { before: "- ", after: "", line: true },
  quote: { before: "> ", after: "", line: true },
  link: { before: "[", after: "](https://)", line: false },
};

/** Show the toolbar of the text that it names (`aria-controls`); its buttons put Markdown round what is selected, and one can undo it. */
export function mindToolbar(form: HTMLFormElement): void {
  const bar = form.querySelector<HTMLElement>('[role="toolbar"]');
  const text = document.getElementById(bar?.getAttribute("aria-controls") ?? "");
  if (!bar || !(text instanceof HTMLTextAreaElement)) return;
  bar.hidden = false;
  const buttons = [...bar.querySelectorAll<HTMLButtonElement>("[data-mark]")];
  buttons.forEach((button, at) => (button.tabIndex = at ? -1 : 0));
  bar.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-mark]");
    if (button) put(text, button.dataset["mark"] ?? "");
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const next = step && at >= 0 ? buttons[(at + step + buttons.length) % buttons.length] : undefined;
    if (!next) return;
    event.preventDefault();
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  });
  text.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "b") return;
    event.preventDefault();
    put(text, "bold");
  });
}

function put(text: HTMLTextAreaElement, name: string): void {
  const mark = MARKS[name];
  if (!mark) return;
  text.focus();
  let { selectionStart: start, selectionEnd: end } = text;
  if (mark.line) {
    start = text.value.lastIndexOf("\n", start - 1) + 1;
    const lines = text.value.slice(start, end).split("\n");
    write(text, start, end, lines.map((line) => mark.before + line).join("\n"));
    return;
  }
  const chosen = text.value.slice(start, end);
  write(text, start, end, mark.before + chosen + mark.after);
  const inside = start + mark.before.length;
  text.setSelectionRange(inside, inside + chosen.length);
}

/** Write as a keyboard would, so that Ctrl+Z takes it back. */
function write(text: HTMLTextAreaElement, start: number, end: number, words: string): void {
  text.setSelectionRange(start, end);
  if (document.execCommand("insertText", false, words)) return;
  text.setRangeText(words, start, end, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Say how long the text is: nobody should learn it from a refusal. */
export function mindLength(form: HTMLFormElement): void {
  const said = form.querySelector<HTMLElement>("[data-count]");
  const count = said?.querySelector("span");
  const text = form.querySelector<HTMLTextAreaElement>(".edit textarea");
  if (!said || !count || !text) return;
  const say = (): void => {
    count.textContent = text.value.length.toLocaleString(document.documentElement.lang);
    said.hidden = text.value.length === 0;
  };
  say();
  form.addEventListener("input", say);
}
