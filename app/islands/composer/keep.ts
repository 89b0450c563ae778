/**
 * What is typed is on this device within a second, under the person and the address, and on the server within three
 * (`data-server`, server.ts); it goes when it is published or kept for later, and when the person signs out (base island).
 */
import { Kept as Names } from "../base/kept";
import { type Server, serverOf } from "./server";
import { type Fields, fieldsOf, fill, same } from "./fields";
import { Status, clock } from "./status";

const SENT = "alliage:envoi";
const WAIT = 700;
const AGAIN = 8;
const TAKEN = /^((contribution|reply)-(published|revised)|draft-kept|theirs-kept|note-written|minutes-saved|passage-saved)$/;

interface Kept {
  at: number;
  fields: Fields;
  /** What the server may have of them: as the page showed them, as they were last taken, as they are being sent. */
  known?: Fields[];
}

/**
 * A form that was sent needs no net once the server says that it was taken: by the sentence that greets (`?dit=`), or in
 * the answer to htmx. Whatever else is shown (an error, a sign-in, the form anew), the words stay.
 */
export function settleSent(within: ParentNode): void {
  const key = sessionStorage.getItem(SENT);
  if (!key) return;
  const swapped = within !== document;
  const form = [...document.querySelectorAll<HTMLFormElement>("form[data-keep]")].find((one) => keyOf(one) === key);
  if (swapped && !(form && within.contains(form))) return;
  sessionStorage.removeItem(SENT);
  const said = new URLSearchParams(location.search).get("dit") ?? "";
  const taken = swapped ? within.querySelector(".note.good, [data-announce]") !== null : TAKEN.test(said);
  if (taken && !form?.hasAttribute("data-refused")) localStorage.removeItem(key);
}

/** Keep what is typed in this form, and bring back what was. */
export function mindKeeping(form: HTMLFormElement): void {
  const key = keyOf(form);
  if (!key) return;
  const shown = fieldsOf(form);
  const found = read(key);
  const status = new Status(form);
  let known = found && same(found.fields, shown) ? (found.known ?? []) : form.hasAttribute("data-refused") ? [] : [shown];
  let waiting = 0;
  const keep = (): void => {
    const fields = fieldsOf(form);
    if (known.every((one) => same(one, fields)) && known.length) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields, known } satisfies Kept));
  };
  const server = serverOf(form, status, (one, taken) => {
    known = taken ? [one] : [...known, one].slice(-3);
    try {
      keep();
    } catch {
      return; // said by `save`
    }
  }, () => known);
  const save = (): void => {
    clearTimeout(waiting);
    waiting = 0;
    try {
      keep();
      status.say("kept", new Date());
    } catch {
      status.say("failed", new Date(), AGAIN);
      waiting = setTimeout(save, AGAIN * 1000);
    }
    server?.soon();
  };
  const changed = (): void => {
    status.say("changed", new Date());
    waiting ||= setTimeout(save, WAIT); // whoever never stops typing is kept all the same
  };
  if (!form.hasAttribute("data-refused")) bringBack(form, key, shown, status, server);
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => {
    save();
    const elsewhere = (event.submitter as HTMLButtonElement | null)?.hasAttribute("formaction");
    if (elsewhere) return;
    sessionStorage.setItem(SENT, key);
    server?.stop();
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) form.addEventListener(name, () => server?.go());
  addEventListener("pagehide", () => waiting && form.isConnected && save());
  addEventListener("pageshow", (event) => event.persisted && server?.go());
}

/** The words of this device, unless the page has them. Where the server's are neither those nor older, both are shown. */
function bringBack(form: HTMLFormElement, key: string, shown: Fields, status: Status, server: Server | undefined): void {
  const kept = read(key);
  if (!kept || same(kept.fields, shown)) return;
  fill(form, kept.fields);
  const at = new Date(kept.at);
  status.say("kept", at);
  const older = !kept.known?.length || kept.known.some((one) => same(one, shown));
  if (server && !older) return server.disagree(shown);
  server?.soon();
  const note = form.querySelector<HTMLElement>("[data-found]");
  if (!note) return;
  for (const hour of note.querySelectorAll("[data-hour]")) hour.textContent = clock(at);
  note.hidden = false;
  note.querySelector("[data-forget]")?.addEventListener("click", () => {
    localStorage.removeItem(key);
    fill(form, shown);
    note.hidden = true;
    server?.soon();
    form.querySelector<HTMLElement>("textarea")?.focus();
  });
}

function keyOf(form: HTMLFormElement): string {
  const named = form.dataset["keep"];
  return named ? Names.Prefix + named : "";
}

function read(key: string): Kept | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null") as Kept | null;
    return kept && Array.isArray(kept.fields) ? kept : undefined;
  } catch {
    return undefined;
  }
}
