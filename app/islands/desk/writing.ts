const BEAT = 15_000;
const PAUSE = 800;

/** Say where one writes, and keep the words as a draft. */
export function mindWriting(desk: HTMLElement): void {
  const form = desk.querySelector<HTMLFormElement>("form[data-write]");
  const text = form?.querySelector("textarea[name=markdown]") as HTMLTextAreaElement | null;
  if (!form || !text) return;
  attend(form.dataset["write"] ?? "");
  keepDraft(desk, form);
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

function keepDraft(desk: HTMLElement, form: HTMLFormElement): void {
  const state = form.querySelector<HTMLElement>("[data-state]");
  let waiting = 0;
  let sending = false;
  let version = form.dataset["draftVersion"] ?? "0";
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void keep(), PAUSE);
  });
  form.addEventListener("submit", () => {
    sending = true;
    clearTimeout(waiting);
  });
  async function keep(): Promise<void> {
    const said = new URLSearchParams({ draft_version: version });
    for (const [name, value] of new FormData(form)) said.append(name, String(value));
    const answer = await fetch(form.dataset["draft"] ?? "", { method: "POST", body: said }).catch(() => null);
    if (sending) return;
    if (answer?.ok) version = String(((await answer.json()) as { version: number }).version);
    if (state) {
      state.textContent = (answer?.ok ? desk.dataset["kept"] : desk.dataset["unkept"]) ?? "";
      state.className = answer?.ok ? "save saved" : "save failed";
    }
  }
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
