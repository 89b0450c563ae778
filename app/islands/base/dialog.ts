import { region } from "./regions";

/**
 * What is swapped into #dialog opens over the page; Escape, and whatever is marked `data-close`, closes it in place.
 * A dialogue that its own address rendered opens over its page too, and leads to the address of its `data-close`.
 */
export function mindDialogs(): void {
  const place = region("dialog");
  const loaded = place.querySelector<HTMLDialogElement>(":scope > dialog[open]");
  if (loaded) open(loaded, () => loaded.querySelector<HTMLAnchorElement>("a[data-close]")?.click());
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== place || !place.firstElementChild) return;
    const dialog = place.querySelector("dialog") ?? wrapped(place);
    dialog.addEventListener("click", (clicked) => {
      if (!(clicked.target as Element).closest("[data-close]")) return;
      clicked.preventDefault();
      dialog.close();
    });
    open(dialog, () => place.replaceChildren());
  });
}

/** Close what #dialog holds. */
export function closeDialog(): void {
  region("dialog").querySelector<HTMLDialogElement>("dialog[open]")?.close();
}

function open(dialog: HTMLDialogElement, closed: () => void): void {
  dialog.open = false;
  dialog.showModal();
  dialog.addEventListener("close", closed, { once: true });
}

function wrapped(place: HTMLElement): HTMLDialogElement {
  const dialog = Object.assign(document.createElement("dialog"), { className: "dlg" });
  dialog.append(...place.childNodes);
  place.append(dialog);
  return dialog;
}
