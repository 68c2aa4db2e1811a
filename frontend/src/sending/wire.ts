// The report's own line to the server: the form as it stands, answered by a page.
import type { Entries } from '../drafts/draft';
import { parsePage, request } from '../lib/http';
import { csrfToken, TOKENS } from '../lib/page';

const HEADERS = { Accept: 'text/html' };

export function postReport(form: HTMLFormElement, entries: Entries): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of entries) body.append(name, value);
  body.append('csrf_token', csrfToken());
  return request(form.action, { method: 'POST', body, headers: HEADERS });
}

/** Each fresh page carries a fresh token. */
export async function renewToken(form: HTMLFormElement): Promise<void> {
  const response = await request(form.action, { headers: HEADERS });
  const fresh = csrfToken(parsePage(await response.text()));
  // The page has more forms than this one, and they are all as old.
  if (fresh) document.querySelectorAll<HTMLInputElement>(TOKENS).forEach(input => (input.value = fresh));
}
