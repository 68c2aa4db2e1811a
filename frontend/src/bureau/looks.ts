// The moderation grid by keys: j and k move, y and n decide and move on; sending is the form's own button.
import { parts, part } from '../lib/page';
import { onKeys } from './keys';

export function lookByKeys(): void {
  const form = document.querySelector<HTMLFormElement>('[data-looks]');
  if (!form) return;
  const cards = parts(form, 'look');
  let at = -1;
  const go = (step: number): void => {
    at = Math.max(0, Math.min(cards.length - 1, at + step));
    cards[at]?.focus();
    cards[at]?.scrollIntoView({ block: 'nearest' });
  };
  const decide = (name: string): void => {
    const card = cards[Math.max(0, at)];
    const choice = card && part<HTMLInputElement>(card, name);
    if (!choice) return;
    choice.checked = true;
    if (at < 0) at = 0;
    if (at === cards.length - 1) form.querySelector<HTMLElement>('button[type=submit]')?.focus();
    else go(1);
  };
  onKeys({ j: () => go(1), k: () => go(-1), y: () => decide('look-pass'), n: () => decide('look-fail') });
}
