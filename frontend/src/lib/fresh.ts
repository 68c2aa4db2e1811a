// A part of the page that changes every half minute is fetched anew, unless somebody is typing in it.
import { fetchInto } from './http';

const EVERY_MS = 8_000;

export function keepFresh(): void {
  const part = document.querySelector<HTMLElement>('[data-fresh]');
  if (!part) return;
  window.setInterval(() => {
    const isTyping = part.contains(document.activeElement) && document.activeElement instanceof HTMLInputElement;
    if (!isTyping && !document.hidden) void fetchInto(part, part.dataset['fresh'] ?? '');
  }, EVERY_MS);
}
