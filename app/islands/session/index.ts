/**
 * A session that is open hears what the others do, and says who is writing.
 *
 * `[data-live]` is the address of the stream; each block `[data-on="note decision"]` reads itself again, by its own
 * `hx-get` on `alliage:changed`, when one of these is changed by anybody; `[data-news]` shows when the session itself is,
 * `[data-news-of="minutes_revision"]` when one of that is; `form[data-writes]` says that one writes, in `data-place` of
 * `data-session`. Without a stream the blocks are read again every twenty seconds; without a script the page is.
 */
import { CHANGED } from "../base/alone";
import { listen } from "../base/stream";

interface Told {
  verb: string;
  object_type: string;
  mine: boolean;
}

const SOON = 50;
const POLLED = 20_000;
const SAID_EVERY = 15_000;

const page = document.querySelector<HTMLElement>("[data-live]");
if (page) follow(page, page.dataset["live"] ?? "");

function follow(page: HTMLElement, address: string): void {
  const waiting = new Map<HTMLElement, number>();
  const blocks = (): HTMLElement[] => [...page.querySelectorAll<HTMLElement>("[data-on]")];

  /** Soon, once for several changes, and never under the hands of somebody who is in it. */
  function again(block: HTMLElement): void {
    clearTimeout(waiting.get(block));
    const read = (): void => {
      if (isHeld(block)) block.addEventListener("focusout", () => again(block), { once: true });
      else block.dispatchEvent(new CustomEvent(CHANGED));
    };
    waiting.set(block, window.setTimeout(read, SOON));
  }

  function changed(told: Told): void {
    const kinds = [told.object_type, told.verb.split(".")[0] ?? ""];
    for (const block of blocks()) {
      if (block.dataset["on"]?.split(" ").some((kind) => kinds.includes(kind))) again(block);
    }
    if (told.mine) return;
    for (const news of page.querySelectorAll<HTMLElement>("[data-news-of]")) {
      if (kinds.includes(news.dataset["newsOf"] ?? "")) news.hidden = false;
    }
    const news = page.querySelector<HTMLElement>("[data-news]");
    if (news && told.object_type === "session") news.hidden = false;
  }

  const everything = (): void => blocks().forEach(again);
  let polling = 0;
  listen(address, {
    ready: () => {
      clearInterval(polling);
      page.dataset["hears"] = "";
    },
    deaf: (cut) => {
      clearInterval(polling);
      delete page.dataset["hears"];
      if (cut) polling = window.setInterval(() => document.visibilityState === "visible" && everything(), POLLED);
    },
    changed: (event) => changed(JSON.parse(event.data) as Told),
    presence: (event) => {
      if (!(JSON.parse(event.data) as Told).mine) page.querySelectorAll<HTMLElement>("#notes").forEach(again);
    },
    reload: everything,
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if ((event.target as HTMLElement).id === "noter" && !("hears" in page.dataset)) everything();
  });
  mindWriting(page);
}

function isHeld(block: HTMLElement): boolean {
  return block.contains(document.activeElement) || block.querySelector(":popover-open") !== null;
}

/** Say that one writes at the first key, then every fifteen seconds of typing; say that one left. */
function mindWriting(page: HTMLElement): void {
  const { session: id, place: kind } = page.dataset;
  if (!id || !kind) return;
  let last = 0;
  const form = (left: boolean): URLSearchParams => {
    const csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";
    return new URLSearchParams({ kind, id, csrf, ...(left ? { left: "1" } : {}) });
  };
  page.addEventListener("input", (event) => {
    if (!(event.target as HTMLElement).closest("form[data-writes]") || Date.now() - last < SAID_EVERY) return;
    last = Date.now();
    void fetch("/direct/presence", { method: "POST", body: form(false) }).catch(() => undefined);
  });
  addEventListener("pagehide", () => {
    if (last) navigator.sendBeacon("/direct/presence", form(true));
  });
}
