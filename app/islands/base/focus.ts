import { CHANGED } from "./alone";
import { announce } from "./announce";

const ERRORS = "[data-errors], .errsum";
const HEADINGS = "h1, h2, h3, h4";

/** Move the focus to `target`, also when it is a text. */
export function focusOn(target: HTMLElement): void {
  target.focus();
  if (document.activeElement === target) return;
  target.tabIndex = -1;
  target.focus();
}

/** After a swap the focus goes where the fragment says, or to what is wrong; where it was lost, to the heading. */
export function mindFocus(): void {
  document.addEventListener("htmx:afterSettle", (event) => {
    if (isNews(event)) return;
    const swapped = event.target as HTMLElement;
    const said = first(swapped, "[data-announce]")?.dataset["announce"];
    if (said) announce(said);
    const wanted = first(swapped, "[data-focus]") ?? first(swapped, ERRORS);
    if (wanted) focusOn(wanted);
    else if (isLost()) focusOn(first(swapped, HEADINGS) ?? swapped);
  });
  // The same on a page that was loaded whole, without which an error would be at the top and unsaid.
  const wrong = document.querySelector<HTMLElement>(`main [data-focus], main :is(${ERRORS})`);
  if (wrong) focusOn(wrong);
}

/** What others did is read again where it stands: it moves nobody's focus. */
function isNews(event: Event): boolean {
  const asked = (event as CustomEvent<{ requestConfig?: { triggeringEvent?: Event } }>).detail.requestConfig;
  return asked?.triggeringEvent?.type === CHANGED;
}

function first(within: HTMLElement, selector: string): HTMLElement | null {
  return within.matches(selector) ? within : within.querySelector<HTMLElement>(selector);
}

function isLost(): boolean {
  const held = document.activeElement;
  return held === null || held === document.body || !held.isConnected;
}
