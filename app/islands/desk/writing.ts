const BEAT = 15_000;

/** Say where one writes; the composer keeps the words, and minds their toolbar. */
export function mindWriting(desk: HTMLElement): void {
  const form = desk.querySelector<HTMLFormElement>("form[data-write]");
  if (form) attend(form.dataset["write"] ?? "");
}

function attend(id: string): void {
  const say = (left: boolean): void => {
    const said = new URLSearchParams({ kind: "passage", id, csrf: token(), ...(left ? { left: "true" } : {}) });
    void fetch("/direct/presence", { method: "POST", body: said, keepalive: left }).catch(() => undefined);
  };
  say(false);
  const beat = setInterval(() => say(false), BEAT);
  addEventListener("pagehide", () => {
    clearInterval(beat);
    say(true);
  });
}

export function token(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";
}
