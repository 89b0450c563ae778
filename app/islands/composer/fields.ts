/** The words of a form, by the names of its fields, and not what belongs to the form itself. */
export type Fields = [string, string][];

const NEVER = new Set(["csrf", "idempotency_key", "formulaire", "read_version", "geste", "vers"]);

const apart = (name: string): boolean => NEVER.has(name) || name.startsWith("draft_");

export function fieldsOf(form: HTMLFormElement): Fields {
  const found: Fields = [];
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && !apart(name)) found.push([name, value.replaceAll("\r\n", "\n")]);
  }
  return found;
}

export function same(one: Fields, other: Fields): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function fill(form: HTMLFormElement, fields: Fields): void {
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio")) {
      if (!apart(field.name)) field.checked = fields.some(([n, v]) => n === field.name && v === field.value);
    } else if (
      field instanceof HTMLInputElement ||
      field instanceof HTMLTextAreaElement ||
      field instanceof HTMLSelectElement
    ) {
      const found = fields.find(([name]) => name === field.name);
      if (found && !apart(field.name)) field.value = found[1];
    }
  }
}
