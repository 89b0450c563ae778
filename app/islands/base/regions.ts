/** The places that every page has, by id; made at the top of the text where a layout has none. */
export function region(name: "dialog" | "live" | "messages"): HTMLElement {
  const found = document.getElementById(name);
  if (found) return found;
  const made = Object.assign(document.createElement("div"), { id: name });
  if (name === "live") Object.assign(made, { className: "vh", role: "status" });
  (document.querySelector("main > .wrap") ?? document.querySelector("main") ?? document.body).prepend(made);
  return made;
}
