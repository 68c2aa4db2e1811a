// How long to wait before trying again: doubling, bounded, and spread so that a whole city does not come back at once.

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

export function delayAfter(failures: number, retryAfterMs = 0, random: () => number = Math.random): number {
  const doubled = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return Math.max(retryAfterMs, doubled * (0.75 + random() / 2));
}

/** Reads a Retry-After header given in seconds; a date or nonsense is taken as "no wish". */
export function retryAfter(header: string | null): number {
  const seconds = Number(header ?? '');
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 600) * 1_000 : 0;
}
