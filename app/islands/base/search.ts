/**
 * Ctrl+K, or `/` outside of any field, goes to the search: the page’s search field, or whatever is marked `data-search`.
 * A key alone can be switched off (WCAG 2.1.4): `data-keys="off"` on the root.
 */
export function mindSearch(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    const chord = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k";
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !isWriting(event.target);
    if (!chord && !(slash && document.documentElement.dataset["keys"] !== "off")) return;
    const search = document.querySelector<HTMLElement>('[data-search], [role="search"] input[type="search"]');
    if (!search || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (search instanceof HTMLAnchorElement) search.click();
    else search.focus();
  });
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}
