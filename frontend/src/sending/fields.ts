// What a form holds, as text; files go their own way and are named by their ids.
import type { Entries, Fields } from '../drafts/draft';

export function readFields(form: HTMLFormElement): Entries {
  const entries: Entries = [];
  new FormData(form).forEach((value, name) => {
    if (typeof value === 'string') entries.push([name, value]);
  });
  return entries;
}

export function fillIn(form: HTMLFormElement, fields: Fields): void {
  for (const field of Array.from(form.elements) as HTMLInputElement[]) {
    const value = fields[field.name];
    if (value === undefined || field.type === 'file') continue;
    if (field.type === 'radio') field.checked = field.value === value;
    else if (field.type !== 'submit' && field.type !== 'button') field.value = value;
  }
}

/** What the pressed button adds to the form stays in it until another button is pressed. */
export function rememberSubmitter(form: HTMLFormElement, submitter: HTMLElement | null, name: string): void {
  form.querySelector(`input[type=hidden][name=${name}]`)?.remove();
  if (submitter?.getAttribute('name') !== name) return;
  const value = submitter.getAttribute('value') ?? '';
  form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
}
