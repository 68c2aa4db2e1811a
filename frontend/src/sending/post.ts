// One sending of a report and what came of it, in three words: received, refused, or lost (which may mean either).
import type { Entries } from '../drafts/draft';
import { retryAfter } from '../lib/backoff';
import { Lost, parsePage } from '../lib/http';

export type Result =
  { is: 'received' | 'refused'; page: Document; entries: Entries } | { is: 'lost'; retryAfterMs: number };

export interface Wire {
  post(entries: Entries): Promise<Response>;
  /** A page that lay open for days has a stale token: gets a new one. */
  renewToken(): Promise<void>;
}

const FORBIDDEN = 403;
const CONFLICT = 409;

function isTemporary(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/** Only our own receipt counts as received: a portal that wants a sign-in answers 200 as well. */
async function read(response: Response, entries: Entries): Promise<Result> {
  if (isTemporary(response.status))
    return { is: 'lost', retryAfterMs: retryAfter(response.headers.get('Retry-After')) };
  const page = parsePage(await response.text());
  if (response.status >= 400) return { is: 'refused', page, entries };
  return page.querySelector('receipt-keeper') ? { is: 'received', page, entries } : { is: 'lost', retryAfterMs: 0 };
}

/**
 * Sends `entries`. When the server has another body under this id, one of the `earlier` sendings did arrive although its
 * answer was lost: that one is sent again and gives the receipt.
 */
export async function send(wire: Wire, entries: Entries, earlier: Entries[]): Promise<Result> {
  try {
    let response = await wire.post(entries);
    if (response.status === FORBIDDEN) {
      await wire.renewToken();
      response = await wire.post(entries);
    }
    let sent = entries;
    for (const attempt of earlier) {
      if (response.status !== CONFLICT) break;
      response = await wire.post((sent = attempt));
    }
    return await read(response, sent);
  } catch (error) {
    if (error instanceof Lost) return { is: 'lost', retryAfterMs: 0 };
    throw error;
  }
}
