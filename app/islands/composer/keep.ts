/**
 * What is typed is on this device within a second, under the person and the address, and on the server within three
 * (`data-server`, server.ts); it goes when it is published or kept for later, and when the person signs out (base island).
 */
import { serverOf } from "./server";
import { type Fields, fieldsOf, fill, same } from "./fields";
import { Status, clock } from "./status";

const PREFIX = "alliage:saisie:";
const SENT = "alliage:envoi";
const WAIT = 700;
const AGAIN = 8;

interface Kept {
  at: number;
  fields: Fields;
}

/** A form that was sent and whose page does not show it refused was taken: its words need no net any more. */
export function settleSent(within: ParentNode): void {
  const key = sessionStorage.getItem(SENT);
  if (!key) return;
  const form = [...document.querySelectorAll<HTMLFormElement>("form[data-keep]")].find((one) => keyOf(one) === key);
  if (form?.hasAttribute("data-refused")) return sessionStorage.removeItem(SENT);
  if (!document.querySelector("main") || (form && within !== document && !within.contains(form))) return;
  localStorage.removeItem(key);
  sessionStorage.removeItem(SENT);
}

/** Keep what is typed in this form, and bring back what was. */
export function mindKeeping(form: HTMLFormElement): void {
  const key = keyOf(form);
  if (!key) return;
  const shown = fieldsOf(form);
  const status = new Status(form);
  const server = serverOf(form, status);
  let waiting = 0;
  const save = (): void => {
    clearTimeout(waiting);
    waiting = 0;
    const fields = fieldsOf(form);
    try {
      if (same(fields, shown)) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields } satisfies Kept));
      status.say("kept", new Date());
      server?.soon();
    } catch {
      status.say("failed", new Date(), AGAIN);
      waiting = setTimeout(save, AGAIN * 1000);
    }
  };
  const changed = (): void => {
    status.say("changed", new Date());
    clearTimeout(waiting);
    waiting = setTimeout(save, WAIT);
  };
  if (!form.hasAttribute("data-refused")) bringBack(form, key, shown, status);
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => {
    save();
    const elsewhere = (event.submitter as HTMLButtonElement | null)?.hasAttribute("formaction");
    if (elsewhere) return;
    sessionStorage.setItem(SENT, key);
    server?.stop();
  });
  addEventListener("pagehide", () => waiting && form.isConnected && save());
}

function bringBack(form: HTMLFormElement, key: string, shown: Fields, status: Status): void {
  const kept = read(key);
  const saved = Date.parse(form.dataset["savedAt"] ?? "");
  if (!kept || same(kept.fields, shown) || kept.at < saved) return;
  fill(form, kept.fields);
  const at = new Date(kept.at);
  status.say("kept", at);
  const note = form.querySelector<HTMLElement>("[data-found]");
  if (!note) return;
  for (const hour of note.querySelectorAll("[data-hour]")) hour.textContent = clock(at);
  note.hidden = false;
  note.querySelector("[data-forget]")?.addEventListener("click", () => {
    localStorage.removeItem(key);
    fill(form, shown);
    note.hidden = true;
    form.querySelector<HTMLElement>("textarea")?.focus();
  });
}

function keyOf(form: HTMLFormElement): string {
  const named = form.dataset["keep"];
  return named ? PREFIX + named : "";
}

function read(key: string): Kept | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null") as Kept | null;
    return kept && Array.isArray(kept.fields) ? kept : undefined;
  } catch {
    return undefined;
  }
}
