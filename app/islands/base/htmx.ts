import htmx from "htmx.org";

import { region } from "./regions";

/** htmx as a strict content policy and its version 4 want it: nothing evaluated, nothing inline, nothing inherited. */
export function configure(): void {
  Object.assign(htmx.config, {
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
  });
  region("dialog");
  region("messages");
  document.addEventListener("htmx:configRequest", (event) => {
    const { verb, headers } = (event as CustomEvent<{ verb: string; headers: Record<string, string> }>).detail;
    const token = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
    if (verb !== "get" && token) headers["X-CSRF-Token"] = token;
  });
}
