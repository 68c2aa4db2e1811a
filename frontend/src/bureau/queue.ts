// The queue by keyboard: J and K walk the rows, Enter opens (the row's own link has the focus), / looks for a case, ? shows the keys.
import { onKeys } from './keys';

function linkOf(row: HTMLElement): HTMLElement | null {
  return row.matches('a') ? row : row.querySelector<HTMLElement>('a');
}

function walk(queue: HTMLElement, by: 1 | -1): void {
  const rows = Array.from(queue.querySelectorAll<HTMLElement>('[data-row]'));
  const at = rows.findIndex(row => row.contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
  const row = rows[next];
  if (!row) return;
  linkOf(row)?.focus();
  row.scrollIntoView({ block: 'nearest' });
}

export function walkQueue(): void {
  const queue = document.querySelector<HTMLElement>('[data-queue]');
  if (queue) onKeys({ j: () => walk(queue, 1), k: () => walk(queue, -1) });
  const search = document.querySelector<HTMLInputElement>('[data-search]');
  if (search)
    onKeys({
      '/': () => {
        search.focus();
        search.select();
      },
    });
}
