// The receipts that a person chose to keep on this device. They open reports, so nothing is kept without being asked for.

export interface Progress {
  number: string;
  kind_name: string;
  state: string;
  state_name: string;
  sentence: string;
  unread: number;
}

export interface Kept {
  receipt: string;
  number: string;
  keptAt: string;
  /** What was known last, for when there is no network. */
  last?: Progress;
  lastAt?: string;
}

const KEY = 'green.receipts';

export function keptReceipts(): Kept[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(found) ? (found as Kept[]).filter(each => typeof each?.receipt === 'string') : [];
  } catch {
    return [];
  }
}

/** Says whether the browser let us: some block storage. */
export function keep(kept: Kept): boolean {
  try {
    const others = keptReceipts().filter(each => each.receipt !== kept.receipt);
    localStorage.setItem(KEY, JSON.stringify([kept, ...others]));
    return true;
  } catch {
    return false;
  }
}

export function forget(receipt: string): void {
  localStorage.setItem(KEY, JSON.stringify(keptReceipts().filter(each => each.receipt !== receipt)));
}

/** Newer knowledge about a receipt in its place; one that was forgotten in the meantime stays forgotten. */
export function update(receipt: string, last: Progress, lastAt: string): void {
  const all = keptReceipts().map(each => (each.receipt === receipt ? { ...each, last, lastAt } : each));
  localStorage.setItem(KEY, JSON.stringify(all));
}
