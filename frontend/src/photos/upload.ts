// Puts one photo on the server and says in one word what became of it.
import type { DraftPhoto, PhotoFacts } from '../drafts/draft';
import { retryAfter } from '../lib/backoff';
import { csrfToken } from '../lib/page';

export type Outcome = { is: 'received' } | { is: 'refused'; sentence: string } | { is: 'lost'; retryAfterMs: number };

interface Answer {
  status: number;
  body: string;
  retryAfter: string | null;
}

/** Even 10 MB on a village's 2G get through; a dead connection is noticed. */
const PATIENCE_MS = 30_000;
const SLOWEST_BYTES_PER_MS = 20;
const STORAGE_FULL = 507;

function factsHeader(facts: PhotoFacts): string {
  return btoa(JSON.stringify(facts)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** XMLHttpRequest, because fetch does not tell how far an upload is. */
function put(url: string, photo: DraftPhoto, progress: (percent: number) => void): Promise<Answer> {
  return new Promise(resolve => {
    const request = new XMLHttpRequest();
    request.open('PUT', url + photo.id);
    // Never a type that a plain form could send as well: the server refuses those unread.
    const isImage = photo.blob.type.startsWith('image/');
    request.setRequestHeader('Content-Type', isImage ? photo.blob.type : 'application/octet-stream');
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('Photo-Facts', factsHeader(photo.facts));
    request.setRequestHeader('X-CSRF-Token', csrfToken());
    request.timeout = PATIENCE_MS + photo.blob.size / SLOWEST_BYTES_PER_MS;
    request.upload.onprogress = ({ loaded, total }) => progress(Math.round((loaded / total) * 100));
    request.onloadend = () =>
      resolve({
        status: request.status,
        body: request.responseText,
        retryAfter: request.status ? request.getResponseHeader('Retry-After') : null,
      });
    request.send(photo.blob);
  });
}

function read(body: string): { id?: string; status?: unknown; detail?: string } | null {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** A portal that wants a sign-in answers 200 with a page of its own: only our own JSON counts as an answer. */
export function outcomeOf({ status, body, retryAfter: wish }: Answer, id: string): Outcome {
  const answer = read(body);
  const isFinal = (status >= 400 && status < 500 && ![408, 425, 429].includes(status)) || status === STORAGE_FULL;
  if (answer && isFinal) return { is: 'refused', sentence: answer.detail ?? '' };
  if (answer?.id !== id || status < 200 || status > 299) return { is: 'lost', retryAfterMs: retryAfter(wish) };
  return answer.status === 'unreadable' ? { is: 'refused', sentence: answer.detail ?? '' } : { is: 'received' };
}

export async function upload(url: string, photo: DraftPhoto, progress: (percent: number) => void): Promise<Outcome> {
  return outcomeOf(await put(url, photo, progress), photo.id);
}
