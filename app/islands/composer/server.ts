/**
 * What is typed is on the server within three seconds: the whole form, on the version that this page last had. Where
 * another page saved meanwhile, both texts are shown, and nothing is chosen for anybody.
 */
import { type Fields, fieldsOf, fill } from "./fields";
import { Status } from "./status";

const SOON = 1_500;
const AGAIN = 8;

interface Moved {
  current_version: number;
  saved: { body: Record<string, string> } | null;
}

export interface Server {
  soon(): void;
  stop(): void;
  go(): void;
  disagree(theirs: Fields): void;
}

/** `sent(fields, taken)` hears of what leaves, and again when the server has it; `ours` says what of it may be there already. */
export function serverOf(
  form: HTMLFormElement,
  status: Status,
  sent: (fields: Fields, taken: boolean) => void,
  ours: () => Fields[],
): Server | undefined {
  const address = form.dataset["server"];
  const version = form.querySelector<HTMLInputElement>('[name="draft_version"]');
  if (!address || !version) return undefined;
  let waiting = 0;
  let stopped = false;
  let sending = false;
  let changed = false;

  const send = async (): Promise<void> => {
    clearTimeout(waiting);
    waiting = 0;
    if (sending) return void (changed = true);
    sending = true;
    changed = false;
    const fields = fieldsOf(form);
    try {
      sent(fields, false);
      const answer = await post(form, address, fields);
      if (stopped) return;
      if (answer.status === 412) return moved((await answer.json()) as Moved);
      if (!answer.ok) throw new Error(String(answer.status));
      const saved = (await answer.json()) as { version: number; saved_at: string };
      version.value = String(saved.version);
      sent(fields, true);
      status.say("saved", new Date(saved.saved_at));
    } catch {
      if (!stopped) fail(AGAIN);
    } finally {
      sending = false;
      if (changed && !stopped) soon();
    }
  };
  const soon = (): void => {
    if (!stopped) waiting ||= setTimeout(() => void send(), SOON);
  };
  const fail = (seconds: number): void => {
    status.say("failed", new Date(), seconds);
    waiting = setTimeout(() => (seconds > 1 ? fail(seconds - 1) : void send()), 1_000);
  };
  const moved = ({ current_version: current, saved }: Moved): void => {
    version.value = String(current);
    if (!saved) return soon(); // it was sent or thrown away elsewhere: what is here begins another
    if (ours().some((one) => alike(record(one), saved.body))) return soon(); // the answer to our own save was lost
    disagree(saved.body);
  };
  const disagree = (theirs: Record<string, string>): void => {
    stopped = true;
    compare(form, theirs, go);
  };
  const go = (): void => {
    stopped = false;
    soon();
  };
  return {
    soon,
    go,
    disagree: (theirs) => disagree(record(theirs)),
    stop: () => {
      stopped = true;
      clearTimeout(waiting);
      waiting = 0;
    },
  };
}

function post(form: HTMLFormElement, address: string, fields: Fields): Promise<Response> {
  const said = new URLSearchParams(fields);
  for (const own of form.querySelectorAll<HTMLInputElement>('[name="csrf"], [name^="draft_"]')) said.set(own.name, own.value);
  return fetch(address, { method: "POST", body: said, headers: { Accept: "application/json" } });
}

/** As the server has them: the values of one name on lines of their own. */
function record(fields: Fields): Record<string, string> {
  const said: Record<string, string> = {};
  for (const [name, value] of fields) said[name] = name in said ? `${said[name]}\n${value}` : value;
  return said;
}

/** Whatever the order of the fields: the server keeps none. */
function alike(one: Record<string, string>, other: Record<string, string>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

function compare(form: HTMLFormElement, theirs: Record<string, string>, settled: () => void): void {
  const place = form.querySelector<HTMLElement>("[data-apart]");
  const text = form.querySelector<HTMLTextAreaElement>('[name="markdown"]');
  if (!place || !text) return;
  const words = (title: string | undefined, said: string | undefined): string => `${title ?? ""}\n\n${said ?? ""}`.trim();
  const title = form.querySelector<HTMLInputElement>('[name="title"]')?.value;
  show(place, "[data-mine]", words(title, text.value));
  show(place, "[data-theirs]", words(theirs["title"], theirs["markdown"]));
  place.hidden = false;
  place.tabIndex = -1;
  place.focus();
  const choose = (selector: string, change: () => void): void => {
    const button = place.querySelector<HTMLButtonElement>(selector);
    if (!button) return;
    button.onclick = () => {
      change();
      place.hidden = true;
      text.focus();
      settled();
    };
  };
  const list: Fields = Object.entries(theirs).flatMap(([name, said]) => said.split(name === "tags" ? "\n" : /$^/).map((one): [string, string] => [name, one]));
  choose("[data-keep-mine]", () => undefined);
  choose("[data-keep-theirs]", () => fill(form, list));
  choose("[data-keep-both]", () => (text.value = `${theirs["markdown"] ?? ""}\n\n${text.value}`));
}

function show(place: HTMLElement, selector: string, words: string): void {
  const shown = place.querySelector(selector);
  if (shown) shown.textContent = words;
}
