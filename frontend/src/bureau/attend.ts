// The attendant's screen: the code and who waits are fetched anew, unless somebody is typing a weight.
import { fetchInto } from '../lib/http';

const EVERY_MS = 8_000;

export function keepTheCodeFresh(): void {
  const screen = document.querySelector<HTMLElement>('[data-attend]');
  if (!screen) return;
  window.setInterval(() => {
    const isTyping = screen.contains(document.activeElement) && document.activeElement instanceof HTMLInputElement;
    if (!isTyping && !document.hidden) void fetchInto(screen, screen.dataset['attend'] ?? '');
  }, EVERY_MS);
}
