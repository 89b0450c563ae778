const DEFAULTS = { theme: "auto", contrast: "auto", density: "roomy" } as const;
type Choice = keyof typeof DEFAULTS;

/**
 * A theme, a contrast or a density is applied at once, so that nobody loses what they were writing; the server keeps it.
 * Without JavaScript, or when the server does not answer, the form is sent as any other.
 */
export function mindDisplay(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const button = event.submitter;
    if (!form.matches('form[action$="/affichage"]') || !(button instanceof HTMLButtonElement)) return;
    if (!isChoice(button.name)) return;
    event.preventDefault();
    void keep(form, button, button.name);
  });
}

async function keep(form: HTMLFormElement, button: HTMLButtonElement, name: Choice): Promise<void> {
  const said = new URLSearchParams();
  for (const [key, value] of new FormData(form, button)) said.append(key, String(value));
  try {
    const answer = await fetch(form.action, { method: "POST", body: said, redirect: "manual" });
    if (answer.type !== "opaqueredirect") throw new Error(String(answer.status));
  } catch {
    form.querySelector(`input[type="hidden"][name="${name}"]`)?.remove();
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: button.value }));
    form.submit();
    return;
  }
  show(name, button.value);
  for (const other of form.querySelectorAll<HTMLButtonElement>(`button[name="${name}"]`)) {
    other.setAttribute("aria-pressed", String(other.value === button.value));
  }
}

function show(name: Choice, value: string): void {
  const root = document.documentElement.dataset;
  if (value === DEFAULTS[name]) delete root[name];
  else root[name] = value;
  if (name === "theme") {
    const scheme = value === "auto" ? "light dark" : value;
    document.querySelector('meta[name="color-scheme"]')?.setAttribute("content", scheme);
  }
}

function isChoice(name: string): name is Choice {
  return name in DEFAULTS;
}
