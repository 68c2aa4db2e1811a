// Takes the mistakes that the server names over into the page at hand, so that photos and typed words stay.
import { part, say, text } from '../lib/page';

export function clearRefusal(root: ParentNode): void {
  root.querySelectorAll('[data-error-summary], .field__error').forEach(old => old.remove());
}

/** Focus goes to the summary: it is read out, and its links lead to the fields. */
export function showRefusal(root: HTMLElement, page: Document): void {
  clearRefusal(root);
  const summary = part(page, 'error-summary');
  if (!summary) {
    const line = part(page, 'error-line') ?? page.querySelector('main p');
    return say(part(root, 'form-note'), line?.textContent?.trim() || text(root, 'failed'));
  }
  for (const error of page.querySelectorAll('.field__error')) {
    const id = error.closest('[id^=field-]')?.id;
    const field = id ? root.querySelector(`[id="${id}"]`) : null;
    const label = field?.querySelector('legend, label, summary');
    if (label) label.after(document.importNode(error, true));
    else field?.prepend(document.importNode(error, true));
    field?.closest('details')?.setAttribute('open', '');
  }
  root.prepend(document.importNode(summary, true));
  part(root, 'error-summary')?.focus();
}

/** Puts the server's answer in place of this page, as following the form would have done. */
export function showAnswer(page: Document): void {
  document.title = page.title;
  document.body.className = page.body.className;
  document.body.replaceChildren(...Array.from(document.importNode(page.body, true).childNodes));
  window.scrollTo(0, 0);
  const heading = document.querySelector<HTMLElement>('main h1');
  heading?.setAttribute('tabindex', '-1');
  heading?.focus();
}
