import { announce } from "./announce";
import { region } from "./regions";
import { CLOSED } from "./stream";
import { words } from "./words";

/** A stream that was ended for good is said where it stays. */
export function mindMessages(): void {
  document.addEventListener(CLOSED, () => (say(words.closed).id = "closed"));
}

/** Show a message that stays. It is said aloud once. */
export function say(sentence: string, ...actions: Element[]): HTMLElement {
  const note = Object.assign(document.createElement("div"), { className: "note bad" });
  const inside = document.createElement("div");
  inside.append(Object.assign(document.createElement("p"), { textContent: sentence }), ...actions);
  note.append(...icon("triangle-alert"), inside);
  region("messages").replaceChildren(note);
  announce(sentence);
  return note;
}

/** An icon of the sprite that the page already uses. */
function icon(name: string): Element[] {
  const drawn = document.querySelector("svg:has(> use)")?.cloneNode(true) as Element | undefined;
  const use = drawn?.querySelector("use");
  if (!drawn || !use) return [];
  use.setAttribute("href", `${use.getAttribute("href")?.split("#")[0]}#${name}`);
  return [drawn];
}
