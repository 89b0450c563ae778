import { region } from "./regions";

let waiting = 0;

/** Have a screen reader say `words` when it is done with what it says; the same words twice are said twice. */
export function announce(words: string): void {
  const live = region("live");
  live.textContent = "";
  clearTimeout(waiting);
  waiting = setTimeout(() => (live.textContent = words), 100);
}
