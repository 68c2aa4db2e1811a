// The next steps of a case by keyboard: 1 to 5 open a step and go to its first field. Nothing is ever sent by a key alone.
import { onKeys, type Keys } from './keys';

const FIELDS = 'input:not([type=hidden]), select, textarea, button';

function goTo(step: HTMLElement): void {
  step.closest('details')?.setAttribute('open', '');
  step.querySelector('details')?.setAttribute('open', '');
  (step.querySelector<HTMLElement>(FIELDS) ?? step).focus();
  step.scrollIntoView({ block: 'nearest' });
}

export function numberSteps(): void {
  const keys: Keys = {};
  Array.from(document.querySelectorAll<HTMLElement>('[data-step]')).forEach(
    (step, at) => (keys[String(at + 1)] = () => goTo(step)),
  );
  const back = document.querySelector<HTMLAnchorElement>('[data-back-to-queue]');
  if (back) keys['u'] = () => back.click();
  onKeys(keys);
}
