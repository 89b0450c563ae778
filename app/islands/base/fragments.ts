import { BY_ITSELF, CHANGED } from "./alone";
import { region } from "./regions";

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
let asked = false;

/**
 * htmx is a third of what a page weighs, and who only reads has no use for it. It comes at once where the page follows
 * what others do (`hx-trigger`), elsewhere when a form or a link that uses it is approached; before it is there, both
 * lead where they lead without any script.
 */
export function mindFragments(): void {
  if (document.querySelector("[hx-trigger]")) return void load();
  for (const approach of APPROACHES) {
    document.addEventListener(approach, (event) => (event.target as Element).closest(USERS) && void load(), { passive: true });
  }
}

async function load(): Promise<void> {
  if (asked) return;
  asked = true;
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
  for (const block of missed) block.dispatchEvent(new CustomEvent(CHANGED));
}
