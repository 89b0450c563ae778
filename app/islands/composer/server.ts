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
}

export function serverOf(form: HTMLFormElement, status: Status): Server | undefined {
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
    try {
      const answer = await post(form, address);
      if (stopped) return;
      if (answer.status === 412) return disagree((await answer.json()) as Moved);
      if (!answer.ok) throw new Error(String(answer.status));
      const saved = (await answer.json()) as { version: number; saved_at: string };
      version.value = String(saved.version);
      status.say("saved", new Date(saved.saved_at));
    } catch {
      if (!stopped) fail(AGAIN);
    } finally {
      sending = false;
      if (changed && !stopped) soon();
    }
  };
  const soon = (): void => {
    if (!waiting) waiting = setTimeout(() => void send(), SOON);
  };
  const fail = (seconds: number): void => {
    status.say("failed", new Date(), seconds);
    waiting = setTimeout(() => (seconds > 1 ? fail(seconds - 1) : void send()), 1_000);
  };
  const disagree = ({ current_version: current, saved }: Moved): void => {
    version.value = String(current);
    if (!saved) return soon(); // it was sent or thrown away elsewhere: what is here begins another
    stopped = true;
    const settled = (): void => {
      stopped = false;
      soon();
    };
    compare(form, saved.body, settled);
  };
  return {
    soon,
    stop: () => {
      stopped = true;
      clearTimeout(waiting);
    },
  };
}

function post(form: HTMLFormElement, address: string): Promise<Response> {
  const said = new URLSearchParams(fieldsOf(form));
  for (const own of form.querySelectorAll<HTMLInputElement>('[name="csrf"], [name^="draft_"]')) said.set(own.name, own.value);
  return fetch(address, { method: "POST", body: said, headers: { Accept: "application/json" } });
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
