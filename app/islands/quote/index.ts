/**
 * Words that are selected in a `[data-part]` go to the form that quotes (`[data-quoting]`) by one button, « Citer »; whoever
 * harvests nothing finds them at once in their reply. The form does the same with words that are copied into it.
 */
const button = document.querySelector<HTMLButtonElement>("[data-quote-selection]");
const form = document.querySelector<HTMLFormElement>("[data-quoting]");

function chosen(): { words: string; part: HTMLElement; range: Range } | undefined {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return;
  const range = selection.getRangeAt(0);
  const parts = [range.startContainer, range.endContainer].map((node) =>
    (node instanceof Element ? node : node.parentElement)?.closest<HTMLElement>("[data-part]"),
  );
  const words = selection.toString().trim();
  if (!words || !parts[0] || parts[0] !== parts[1]) return;
  return { words, part: parts[0], range };
}

if (button && form) {
  document.body.append(button);
  document.addEventListener("selectionchange", () => {
    const found = chosen();
    button.hidden = !found;
    if (!found) return;
    const box = found.range.getBoundingClientRect();
    button.style.insetBlockStart = `${box.bottom + scrollY + 6}px`;
    button.style.insetInlineStart = `${Math.max(8, Math.min(box.left, innerWidth - 140)) + scrollX}px`;
  });
  button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
  button.addEventListener("click", () => {
    const found = chosen();
    const words = form.querySelector<HTMLTextAreaElement>('[name="mots"]');
    if (!found || !words) return;
    words.value = found.words;
    const part = form.querySelector<HTMLSelectElement>('[name="part"]');
    if (part) part.value = found.part.dataset["part"] ?? "";
    button.hidden = true;
    if (form.method === "get") form.requestSubmit();
    else words.focus();
  });
}

export {};
