/** The states of what is being written, one at a time, with the hour. */
export class Status {
  private readonly place: HTMLElement | null;

  constructor(form: HTMLFormElement) {
    this.place = form.querySelector("[data-saving]");
  }

  say(state: "changed" | "failed" | "kept" | "saved", at: Date, seconds = 0): void {
    if (!this.place) return;
    this.place.hidden = false;
    for (const one of this.place.querySelectorAll<HTMLElement>("[data-state]")) {
      one.hidden = one.dataset["state"] !== state;
      for (const hour of one.querySelectorAll("[data-hour]")) hour.textContent = clock(at);
      for (const count of one.querySelectorAll("[data-seconds]")) count.textContent = String(seconds);
    }
  }
}

export function clock(at: Date): string {
  const minutes = String(at.getMinutes()).padStart(2, "0");
  const english = document.documentElement.lang.startsWith("en");
  return english ? `${String(at.getHours()).padStart(2, "0")}:${minutes}` : `${at.getHours()}\u00a0h\u00a0${minutes}`;
}
