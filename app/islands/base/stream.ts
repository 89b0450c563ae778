/**
 * What happens to a page while somebody looks at it. A browser gives one address six connections, whatever the number of
 * its tabs: one that nobody sees gives its own back, and asks for what it missed when it is seen again.
 */
export const CLOSED = "alliage:closed"; // heard by the base island, which says it where it stays
const PATIENCE = 3_000;

export interface Ears {
  changed(event: MessageEvent<string>): void;
  presence(event: MessageEvent<string>): void;
  reload(): void;
  /** The stream is open. */
  ready?(): void;
  /** It is not: cut, or nobody looks. */
  deaf?(cut: boolean): void;
}

export function listen(address: string, ears: Ears): void {
  let stream: EventSource | undefined;
  let leaving = 0;
  let last = "";
  let over = false;

  const open = (): void => {
    clearTimeout(leaving);
    if (stream || over) return;
    const missed = last !== "";
    const opened = new EventSource(missed ? `${address}&after=${encodeURIComponent(last)}` : address);
    const on = (name: string, heard: (event: MessageEvent<string>) => void): void =>
      opened.addEventListener(name, (event) => {
        last = (event as MessageEvent<string>).lastEventId || last;
        heard(event as MessageEvent<string>);
      });
    let first = missed;
    on("ready", () => {
      ears.ready?.();
      if (first) ears.reload(); // presences are told once, to those who hear
      first = false;
    });
    on("changed", (event) => ears.changed(event));
    on("presence", (event) => ears.presence(event));
    on("reload", () => ears.reload());
    on("closed", (event) => {
      const { reason } = JSON.parse(event.data) as { reason: string };
      if (reason === "stopped" || reason === "slow") return; // the browser asks again
      over = true;
      shut();
      document.dispatchEvent(new CustomEvent(CLOSED));
    });
    opened.addEventListener("error", () => ears.deaf?.(true));
    stream = opened;
  };
  const shut = (): void => {
    stream?.close();
    stream = undefined;
    ears.deaf?.(false);
  };
  const look = (): void => {
    clearTimeout(leaving);
    if (document.visibilityState === "visible") open();
    else leaving = window.setTimeout(shut, PATIENCE);
  };
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", shut);
  addEventListener("pageshow", (event) => event.persisted && look());
  if (document.visibilityState === "visible") open();
}
