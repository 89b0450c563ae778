import { BY_ITSELF, CHANGED } from "./alone";
import { say } from "./messages";
import { region } from "./regions";
import { words } from "./words";

interface Configured {
  verb: string;
  headers: Record<string, string>;
  triggeringEvent?: Event;
}

/** htmx as a strict content policy and its version 4 want it: nothing evaluated, nothing inline, nothing inherited. */
const CONFIG = {
  allowEval: false,
  allowScriptTags: false,
  attributesToSettle: ["class"],
  disableInheritance: true,
  historyCacheSize: 0,
  historyRestoreAsHxRequest: false,
  includeIndicatorStyles: false,
  refreshOnHistoryMiss: true,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "409|412|422", swap: true },
    { code: "401", swap: true, error: true, target: "#dialog", swapOverride: "innerHTML" },
    { code: "[45]..", swap: true, error: true, target: "#messages", swapOverride: "innerHTML" },
  ],
  scrollIntoViewOnBoost: false,
  selfRequestsOnly: true,
  timeout: 30_000,
};
const USERS = "[hx-get], [hx-post]";
const APPROACHES = ["pointerover", "focusin", "touchstart"];
let loading: Promise<void> | undefined;
let started = false;
/** Forms that are sent without htmx, which could not be had. */
const plain = new WeakSet<HTMLFormElement>();

/**
 * htmx is a third of what a page weighs, and who only reads has no use for it. It comes at once where the page follows
 * what others do (`hx-trigger`), elsewhere when a form or a link that uses it is approached. A form that is sent before
 * it is there waits for it; a link leads where it leads without any script.
 */
export function mindFragments(): void {
  document.addEventListener("submit", hold, true);
  if (document.querySelector("[hx-trigger]")) return void load().catch(() => undefined);
  for (const approach of APPROACHES) {
    document.addEventListener(approach, (event) => (event.target as Element).closest(USERS) && void load().catch(() => undefined), { passive: true });
  }
}

function load(): Promise<void> {
  loading ??= begin();
  return loading;
}

function hold(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  if (started || plain.has(form) || !form.matches(USERS)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const send = (): void => form.requestSubmit(event.submitter);
  load().then(send, () => {
    const again = Object.assign(document.createElement("button"), { className: "btn", type: "button", textContent: words.again });
    again.addEventListener("click", () => plain.add(form) && send());
    say(words.lost, again);
  });
}

async function begin(): Promise<void> {
  region("dialog");
  region("messages");
  document.addEventListener("htmx:configRequest", (event) => {
    const { verb, headers, triggeringEvent: why } = (event as CustomEvent<Configured>).detail;
    const token = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
    if (verb !== "get" && token) headers["X-CSRF-Token"] = token;
    if (why?.type === CHANGED) Object.assign(headers, BY_ITSELF);
  });
  const missed = new Set<EventTarget>();
  const note = (event: Event) => missed.add(event.target as EventTarget);
  document.addEventListener(CHANGED, note, true);
  // It reads its configuration when it starts, which it does as soon as it is there once the page is complete, and never before.
  document.head.append(Object.assign(document.createElement("meta"), { name: "htmx-config", content: JSON.stringify(CONFIG) }));
  if (document.readyState !== "complete") await new Promise((resolve) => addEventListener("load", resolve, { once: true }));
  (await import("./losses")).mindLosses();
  document.removeEventListener(CHANGED, note, true);
  started = true;
  for (const block of missed) block.dispatchEvent(new CustomEvent(CHANGED));
}
