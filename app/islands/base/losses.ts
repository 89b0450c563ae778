import htmx, { type HttpVerb } from "htmx.org";

import { announce } from "./announce";
import { closeDialog } from "./dialog";
import { say } from "./messages";
import { region } from "./regions";
import { words } from "./words";

interface Request {
  elt: Element;
  target: Element;
  verb: HttpVerb;
  path: string;
  values: FormData;
}

interface Answered {
  xhr: XMLHttpRequest;
  elt: Element;
  target: Element;
  shouldSwap: boolean;
  requestConfig: { verb: HttpVerb; path: string; formData: FormData; elt: Element; target: Element };
}

/** Requests that a lost connection or an expired sign-in stopped, by the element that made them: the last one counts. */
const unsent = { network: new Map<Element, Request>(), login: new Map<Element, Request>() };

/** Nothing is lost: what could not be sent is kept, said, and sent again when it can be. */
export function mindLosses(): void {
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      keep(unsent.network, (event as CustomEvent<Answered>).detail);
      sayLost();
    });
  }
  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = (event as CustomEvent<Answered>).detail;
    recovered();
    if (detail.xhr.status === 401) keep(unsent.login, detail);
    if (detail.shouldSwap && !isPage(detail.xhr) && detail.xhr.status >= 400) {
      detail.shouldSwap = false;
      say(inWords(detail.xhr));
    }
  });
  document.addEventListener("alliage:signed-in", (event) => {
    renewToken((event as CustomEvent<{ csrf?: string }>).detail.csrf);
    closeDialog();
    sendAgain(unsent.login);
  });
  addEventListener("offline", sayLost);
  addEventListener("online", () => (unsent.network.size ? sendAgain(unsent.network) : recovered()));
}

function keep(where: Map<Element, Request>, { requestConfig: asked }: Answered): void {
  if (region("dialog").contains(asked.elt)) return; // a wrong password is not what is to be sent again
  where.set(asked.elt, { ...asked, values: asked.formData });
}

function sendAgain(kept: Map<Element, Request>): void {
  const requests = [...kept.values()].filter(({ elt }) => elt.isConnected);
  kept.clear();
  for (const { elt, target, verb, path, values } of requests) {
    void htmx.ajax(verb, path, { source: elt, target: target.isConnected ? target : elt, values });
  }
}

function sayLost(): void {
  if (document.getElementById("lost")) return;
  const again = Object.assign(document.createElement("button"), { className: "btn", type: "button" });
  again.textContent = words.again;
  again.addEventListener("click", () => sendAgain(unsent.network));
  say(words.lost, again).id = "lost";
}

function recovered(): void {
  const lost = document.getElementById("lost");
  if (!lost) return;
  lost.remove();
  announce(words.back);
}

function isPage(xhr: XMLHttpRequest): boolean {
  return (xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/html");
}

function inWords(xhr: XMLHttpRequest): string {
  try {
    return (JSON.parse(xhr.responseText) as { detail?: string }).detail ?? words.failed;
  } catch {
    return words.failed;
  }
}

/** The forms on the page were made for the login that ended: they take the token of the new one. */
function renewToken(token: string | undefined): void {
  if (!token) return;
  document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.setAttribute("content", token);
  for (const input of document.querySelectorAll<HTMLInputElement>('input[name="csrf"]')) input.value = token;
}
