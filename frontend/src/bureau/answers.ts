// Answers: a template fills the text field, and a page with unsaved text does not close without a question.

/** What the officer wrote is not thrown away: a template replaces an empty text or another template, else it is added. */
export function fill(target: HTMLTextAreaElement, template: string, templates: string[]): void {
  const isReplaceable = !target.value.trim() || templates.includes(target.value);
  target.value = isReplaceable ? template : `${target.value.trimEnd()}\n\n${template}`;
  target.dispatchEvent(new Event('input', { bubbles: true }));
  target.focus();
  // The first gap that is left for the officer (〔…〕) is selected, to be typed over.
  const gap = /〔[^〕]*〕/.exec(target.value);
  if (gap) target.setSelectionRange(gap.index, gap.index + gap[0].length);
}

function choose(form: ParentNode, name: string, value: string | undefined): void {
  const select = form.querySelector<HTMLSelectElement>(`select[name="${name}"]`);
  if (select && value) select.value = value;
}

/** A template that fits one reason and one body chooses them as well. */
export function offerTemplates(): void {
  for (const picker of document.querySelectorAll<HTMLSelectElement>('[data-template-picker]')) {
    const form = picker.closest('form') ?? document;
    const templates = Array.from(picker.options, option => option.dataset['text'] ?? '').filter(Boolean);
    picker.addEventListener('change', () => {
      const { text, reason, body } = picker.selectedOptions[0]?.dataset ?? {};
      const target = form.querySelector<HTMLTextAreaElement>('[data-template-target]');
      choose(form, 'decline_reason', reason);
      choose(form, 'competent_body', body);
      if (text && target) fill(target, text, templates);
    });
  }
}

export function guardUnsaved(): void {
  let isLeavingByForm = false;
  document.addEventListener('submit', () => (isLeavingByForm = true));
  window.addEventListener('beforeunload', event => {
    const texts = Array.from(document.querySelectorAll<HTMLTextAreaElement>('form[method=post] textarea'));
    if (isLeavingByForm || texts.every(each => each.value === each.defaultValue)) return;
    event.preventDefault();
    // Older Chromium asks only when this is set.
    event.returnValue = '';
  });
}
