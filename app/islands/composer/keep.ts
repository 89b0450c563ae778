/**
 * What is typed is on this device within a second, under the person and the address; it goes when it is published, kept
 * for later or left, and when the person signs out (base island).
 */
const PREFIX = "alliage:saisie:";
const SENT = "alliage:envoi";
const WAIT = 700;
const AGAIN = 8;
const NEVER = new Set(["csrf", "idempotency_key", "formulaire", "read_version", "geste"]);

type Fields = [string, string][];

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
  let waiting = 0;
  const save = (): void => {
    clearTimeout(waiting);
    waiting = 0;
    const fields = fieldsOf(form);
    try {
      if (same(fields, shown)) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields } satisfies Kept));
      status.say("kept", new Date());
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
    if (!elsewhere) sessionStorage.setItem(SENT, key);
  });
  addEventListener("pagehide", () => waiting && form.isConnected && save());
}

function bringBack(form: HTMLFormElement, key: string, shown: Fields, status: Status): void {
  const kept = read(key);
  if (!kept || same(kept.fields, shown)) return;
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

function fieldsOf(form: HTMLFormElement): Fields {
  const found: Fields = [];
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && !NEVER.has(name)) found.push([name, value.replaceAll("\r\n", "\n")]);
  }
  return found;
}

function same(one: Fields, other: Fields): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function read(key: string): Kept | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null") as Kept | null;
    return kept && Array.isArray(kept.fields) ? kept : undefined;
  } catch {
    return undefined;
  }
}

function fill(form: HTMLFormElement, fields: Fields): void {
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio")) {
      if (!NEVER.has(field.name)) field.checked = fields.some(([n, v]) => n === field.name && v === field.value);
    } else if (
      field instanceof HTMLInputElement ||
      field instanceof HTMLTextAreaElement ||
      field instanceof HTMLSelectElement
    ) {
      const found = fields.find(([name]) => name === field.name);
      if (found && !NEVER.has(field.name)) field.value = found[1];
    }
  }
}

function clock(at: Date): string {
  const minutes = String(at.getMinutes()).padStart(2, "0");
  const english = document.documentElement.lang.startsWith("en");
  return english ? `${String(at.getHours()).padStart(2, "0")}:${minutes}` : `${at.getHours()} h ${minutes}`;
}

/** The states of what is being written, one at a time, with the hour. */
class Status {
  private readonly place: HTMLElement | null;

  constructor(form: HTMLFormElement) {
    this.place = form.querySelector("[data-saving]");
  }

  say(state: "changed" | "failed" | "kept", at: Date, seconds = 0): void {
    if (!this.place) return;
    this.place.hidden = false;
    for (const one of this.place.querySelectorAll<HTMLElement>("[data-state]")) {
      one.hidden = one.dataset["state"] !== state;
      for (const hour of one.querySelectorAll("[data-hour]")) hour.textContent = clock(at);
      for (const count of one.querySelectorAll("[data-seconds]")) count.textContent = String(seconds);
    }
  }
}
