/**
 * A published text: the number of a note opens it beside its passage, without leaving the page.
 *
 * Without this file the number leads to `?note=12#n12`, where the page stands with that note open. What it expects:
 * `.dlp` around a passage, `<template id="note-panel">`, and `#note-12` (its number, what it does, its words) in the list
 * of notes or, where they have pages of their own, at `…/notes/12`.
 */
const article = document.querySelector<HTMLElement>("article.dl");
const model = document.querySelector<HTMLTemplateElement>("#note-panel");
let caller: HTMLAnchorElement | null = null;

if (article && model) {
  caller = article.querySelector<HTMLAnchorElement>(".cite[aria-expanded=true]");
  article.addEventListener("click", (event) => {
    const pressed = event.target as Element;
    const cite = pressed.closest<HTMLAnchorElement>(".dlp a.cite");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    if (cite && plain) {
      event.preventDefault();
      if (cite === caller) close();
      else void open(cite);
    } else if (pressed.closest("[data-close-note]")) {
      event.preventDefault();
      close();
    }
  });
  for (const cite of article.querySelectorAll(".dlp a.cite:not([aria-expanded])")) cite.setAttribute("aria-expanded", "false");
  // Without this file, a name in a note leads to where the page lists it; with it, to the organisation's own page.
  for (const name of article.querySelectorAll<HTMLAnchorElement>('a.org[href^="#o"]')) {
    name.href = document.querySelector<HTMLAnchorElement>(`${name.hash} a.org`)?.href ?? name.href;
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.getElementById("note-open") && !event.defaultPrevented) close();
  });
  follow();
}

/** Show the note after its passage, and give it the focus. */
async function open(cite: HTMLAnchorElement): Promise<void> {
  const passage = cite.closest(".dlp");
  const number = new URL(cite.href).searchParams.get("note") ?? "";
  const note = document.getElementById(`note-${number}`) ?? (await fetched(number));
  if (!passage || !note || !model) return location.assign(cite.href);
  close(false);
  const aside = (model.content.cloneNode(true) as DocumentFragment).querySelector("aside")!;
  const panel = aside.querySelector<HTMLElement>(".snote")!;
  const [head, words] = [panel.querySelector("span")!, panel.querySelector(".stack")!];
  const struck = note.querySelector(".cite")!.cloneNode(true) as HTMLElement;
  head.append(struck, " ", note.querySelector("b")!.cloneNode(true));
  words.append(...[...note.querySelector(".words")!.children].map((child) => child.cloneNode(true)));
  panel.classList.add(...[...struck.classList].filter((name) => name.startsWith("fam-")));
  aside.id = "note-open";
  panel.id = `n${number}`;
  aside.setAttribute("aria-label", `${cite.getAttribute("aria-label") ?? ""}`);
  passage.append(aside);
  cite.setAttribute("aria-expanded", "true");
  caller = cite;
  history.replaceState(null, "", `${location.pathname}?note=${number}#n${number}`);
  panel.focus({ preventScroll: true });
  panel.scrollIntoView({ block: "nearest" });
}

/** The note on its own page; null when it cannot be had, and the address is followed instead. */
async function fetched(number: string): Promise<HTMLElement | null> {
  try {
    const answer = await fetch(`${location.pathname}/notes/${number}`, { signal: AbortSignal.timeout(5_000) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.getElementById(`note-${number}`);
  } catch {
    return null;
  }
}

/** Take the note away; the focus goes back to its number. */
function close(back = true): void {
  document.getElementById("note-open")?.remove();
  const from = caller;
  caller = null;
  if (!from) return;
  from.setAttribute("aria-expanded", "false");
  if (!back) return;
  history.replaceState(null, "", `${location.pathname}#${from.closest(".dlp")?.id ?? ""}`);
  from.focus({ preventScroll: true });
}

/** The contents say which part one is reading. */
function follow(): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>(".toc a")];
  const parts = links.flatMap((link) => document.getElementById(link.hash.slice(1)) ?? []);
  const watcher = new IntersectionObserver(mark, { rootMargin: "0px 0px -70% 0px" });
  for (const part of parts) watcher.observe(part);
  function mark(): void {
    const passed = parts.filter((part) => part.getBoundingClientRect().top < innerHeight * 0.3).at(-1);
    for (const link of links) {
      if (passed && link.hash === `#${passed.id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
}

export {};
