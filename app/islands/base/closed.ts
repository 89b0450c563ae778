/** Heard by the base island, which says it where it stays. */
export const CLOSED = "alliage:closed";

/** The server ends a stream: for good where the right to listen ended; a server that stops is asked again by the browser. */
export function closed(stream: EventSource, event: MessageEvent<string>): void {
  const { reason } = JSON.parse(event.data) as { reason: string };
  if (reason === "stopped" || reason === "slow") return;
  stream.close();
  document.dispatchEvent(new CustomEvent(CLOSED));
}
