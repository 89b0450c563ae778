/**
 * What a form in which somebody speaks gains from a script: a toolbar, and a net under what is typed.
 *
 * `form[data-composer]` with `data-keep="<person>:<address>"`, `data-refused` where the page shows what was refused;
 * `[role=toolbar]` and `[data-mark]` buttons; `[data-saving]` with its `[data-state]`s; `[data-found]` with `[data-forget]`.
 */
import { mindKeeping, settleSent } from "./keep";
import { mindLength, mindToolbar } from "./marks";

function begin(within: ParentNode): void {
  for (const form of within.querySelectorAll<HTMLFormElement>("form[data-composer]:not([data-minded])")) {
    form.dataset["minded"] = "";
    mindToolbar(form);
    mindKeeping(form);
    mindLength(form);
  }
}

settleSent(document);
begin(document);
document.addEventListener("htmx:afterSettle", (event) => {
  const swapped = event.target as HTMLElement;
  settleSent(swapped);
  begin(swapped.parentElement ?? swapped);
});
