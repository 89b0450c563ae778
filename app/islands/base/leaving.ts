import { Kept } from "./kept";

/** Whoever signs out leaves nothing of what they were writing on this device. */
export function mindLeaving(): void {
  document.addEventListener("submit", (event) => {
    if (!(event.target as Element).matches('form[action$="/deconnexion"]')) return;
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(Kept.Prefix)) localStorage.removeItem(key);
    }
  });
}
