import { BY_ITSELF } from "../base/alone";
import { listen } from "../base/stream";

const PATIENCE = 100;

/** What others change arrives as ids; the page is read again, and only the blocks that changed are put in place. */
export function follow(desk: HTMLElement): void {
  const address = desk.dataset["live"];
  if (!address || !("EventSource" in window)) return;
  let waiting = 0;
  const again = (): void => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void refresh(desk), PATIENCE);
  };
  listen(address, { changed: again, presence: again, reload: again });
}

async function refresh(desk: HTMLElement): Promise<void> {
  const answer = await fetch(desk.dataset["here"] ?? location.href, { headers: { Accept: "text/html", ...BY_ITSELF } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  replace(document.getElementById("writers"), fresh.getElementById("writers"));
  const contents = document.getElementById("parties");
  if (contents && !contents.contains(document.activeElement)) replace(contents, fresh.getElementById("parties"));
  const [here, there] = [document.getElementById("texte"), fresh.getElementById("texte")];
  if (here && there) merge(desk, here, there);
}

/** Passage by passage, in the new order. The one that is written here is left alone, and told that it moved. */
function merge(desk: HTMLElement, here: HTMLElement, there: HTMLElement): void {
  const known = new Map([...here.children].map((it) => [it.id, it as HTMLElement]));
  const wanted = [...there.children].map((fresh) => {
    const old = known.get(fresh.id);
    known.delete(fresh.id);
    if (!old) return fresh as HTMLElement;
    if (isWritten(old)) tell(desk, old, fresh);
    else if (!old.contains(document.activeElement) && !same(old, fresh)) return fresh as HTMLElement;
    return old;
  });
  const written = [...known.values()].filter(isWritten); // it was taken out meanwhile: its words stay on the page
  if (wanted.some((it, at) => here.children[at] !== it) || here.children.length !== wanted.length + written.length) {
    for (const gone of [...here.children]) if (!wanted.includes(gone as HTMLElement) && !isWritten(gone)) gone.remove();
    wanted.forEach((it, at) => {
      if (here.children[at] !== it) here.insertBefore(it, here.children[at] ?? null);
    });
  }
}

function tell(desk: HTMLElement, mine: HTMLElement, fresh: Element): void {
  const form = mine.querySelector("form[data-write]");
  const version = form?.querySelector<HTMLInputElement>('input[name="version"]')?.value;
  const today = fresh.querySelector<HTMLElement>("[data-v]")?.dataset["v"];
  if (!form || !today || today === version || form.querySelector(".note")) return;
  const note = Object.assign(document.createElement("p"), { className: "note warn", textContent: desk.dataset["moved"] });
  note.setAttribute("role", "status");
  form.prepend(note);
}

function isWritten(passage: Element): boolean {
  return passage.querySelector("form[data-write]") !== null;
}

/** Alike but for what each rendering makes anew: keys of forms. */
function same(one: Element, other: Element): boolean {
  const bare = (it: Element): string => it.outerHTML.replace(/name="idempotency_key" value="[^"]*"/g, "");
  return bare(one) === bare(other);
}

function replace(old: Element | null, fresh: Element | null): void {
  if (old && fresh && !same(old, fresh)) old.replaceWith(fresh);
}
