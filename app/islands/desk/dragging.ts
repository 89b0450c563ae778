interface Place {
  over: HTMLElement;
  side: "before" | "after" | "into";
}

/** A passage is put elsewhere by its grip as by its menu: the same form is sent, on the version that is shown. */
export function mindDragging(desk: HTMLElement): void {
  let held = "";
  const clear = (): void => desk.querySelectorAll("[data-drop]").forEach((it) => it.removeAttribute("data-drop"));
  desk.dataset["drags"] = "";
  desk.addEventListener("dragstart", (event) => {
    const passage = (event.target as Element).closest<HTMLElement>("[data-grip]")?.closest<HTMLElement>(".psg");
    if (!passage || !event.dataTransfer) return;
    held = passage.id;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", passage.getAttribute("aria-label") ?? "");
    event.dataTransfer.setDragImage(passage, 24, 24);
  });
  desk.addEventListener("dragover", (event) => {
    clear();
    const place = held ? placeOf(event) : null;
    if (!place || place.over.id === held) return;
    event.preventDefault();
    place.over.dataset["drop"] = place.side;
  });
  desk.addEventListener("drop", (event) => {
    const place = held ? placeOf(event) : null;
    if (!place || place.over.id === held) return;
    event.preventDefault();
    move(held, place);
  });
  desk.addEventListener("dragend", () => {
    clear();
    held = "";
  });
}

/** Before or after the passage that is under the pointer, or at the end of the part whose name is. */
function placeOf(event: DragEvent): Place | null {
  const under = event.target as Element;
  const part = under.closest<HTMLElement>("[data-part-id]");
  if (part) return { over: part, side: "into" };
  const over = under.closest<HTMLElement>(".psg:has([data-grip])");
  if (!over) return null;
  const box = over.getBoundingClientRect();
  return { over, side: event.clientY < box.top + box.height / 2 ? "before" : "after" };
}

function move(held: string, { over, side }: Place): void {
  const passage = document.getElementById(held);
  const form = passage?.querySelector<HTMLFormElement>('form[action$="/deplacer"]:has([name="position"])');
  const section = form?.querySelector<HTMLInputElement>('[name="section_id"]');
  const position = form?.querySelector<HTMLInputElement>('[name="position"]');
  if (!passage || !form || !section || !position) return;
  if (side === "into") {
    section.value = over.dataset["partId"] ?? "";
    position.value = "";
  } else {
    const [from, to] = [passage, over].map((it) => Number(it.querySelector<HTMLElement>("[data-grip]")?.dataset["grip"]));
    if (from === undefined || to === undefined) return;
    // It leaves its own place first: what stood below it moves up by one.
    const place = (side === "after" ? to + 1 : to) - (from < to ? 1 : 0);
    if (place === from) return;
    position.value = String(place);
  }
  form.requestSubmit();
}
