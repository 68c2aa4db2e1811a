// Requests whose failure is an everyday thing: a lost connection is an answer here, not an exception of five kinds.

const PATIENCE_MS = 30_000;

/** The request may or may not have reached the server; trying again is the only way to know. */
export class Lost extends Error {}

export async function request(url: string, init: RequestInit = {}, patienceMs = PATIENCE_MS): Promise<Response> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), patienceMs);
  try {
    const response = await fetch(url, { credentials: 'same-origin', ...init, signal: abort.signal });
    // The body is read here, so that a connection that dies in the middle of it counts as lost as well.
    const body = await response.arrayBuffer();
    const { status, statusText, headers } = response;
    return new Response(body.byteLength ? body : null, { status, statusText, headers });
  } catch (error) {
    throw new Lost(String(error));
  } finally {
    clearTimeout(timer);
  }
}

export async function postJson(url: string, body: unknown): Promise<Response> {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  return request(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

export function parsePage(html: string): Document {
  return new DOMParser().parseFromString(html, 'text/html');
}

/** Fetches a fragment and puts it in place of what `target` holds; what cannot be had leaves the page as it was. */
export async function fetchInto(target: Element, url: string): Promise<void> {
  try {
    const response = await request(url, { headers: { Accept: 'text/html' } });
    if (response.ok) target.replaceChildren(...Array.from(parsePage(await response.text()).body.childNodes));
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
  }
}
