/** What begins the names of the composer's keeping (`PREFIX` of keep.ts): shared, it would be one file more on every page. */
const KEPT = "alliage:saisie:";

/** Whoever signs out leaves nothing of what they were writing on this device. */
export function mindLeaving(): void {
  document.addEventListener("submit", (event) => {
    if (!(event.target as Element).matches('form[action$="/deconnexion"]')) return;
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(KEPT)) localStorage.removeItem(key);
    }
  });
}
