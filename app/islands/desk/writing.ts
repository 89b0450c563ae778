const BEAT = 15_000;

/** Say where one writes; the composer keeps the words. */
export function mindWriting(desk: HTMLElement): void {
  const form = desk.querySelector<HTMLFormElement>("form[data-write]");
  const text = form?.querySelector("textarea[name=markdown]") as HTMLTextAreaElement | null;
  if (!form || !text) return;
  attend(form.dataset["write"] ?? "");
  const bar = form.querySelector<HTMLElement>("[data-bar]");
  if (bar) bar.hidden = false;
  bar?.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("button");
    if (button) format(text, button.dataset);
  });
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

function format(text: HTMLTextAreaElement, how: DOMStringMap): void {
  const { selectionStart: from, selectionEnd: to, value } = text;
  const chosen = value.slice(from, to);
  let made = chosen;
  if (how["wrap"]) made = `${how["wrap"]}${chosen}${how["wrap"]}`;
  else if (how["line"]) made = chosen.split("\n").map((line) => `${how["line"]}${line}`).join("\n");
  else made = `[${chosen}](https://)`;
  text.setRangeText(made, from, to, "select");
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

export function token(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";
}
