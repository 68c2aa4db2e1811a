// <join-code>: what a scanned link carries behind its `#` is filled in. It never reaches an address that is sent, and is
// kept in this tab only, until the sign-in is done.
import { part } from '../lib/page';

const KEY = 'green-household-code';
const LONGEST = 20;

export class JoinCode extends HTMLElement {
  connectedCallback(): void {
    const scanned = scannedCode();
    if (scanned) {
      remember(scanned);
      history.replaceState(history.state, '', location.pathname + location.search);
    }
    const field = part<HTMLInputElement>(this, 'code');
    const code = scanned || recall();
    if (!field || !code) return;
    if (!field.value) field.value = code;
    field.form?.addEventListener('submit', forget);
  }
}

function scannedCode(): string {
  try {
    return decodeURIComponent(location.hash.slice(1)).slice(0, LONGEST);
  } catch {
    return '';
  }
}

// A browser may forbid the storage; then the code is scanned once more after the sign-in.
function remember(code: string): void {
  try {
    sessionStorage.setItem(KEY, code);
  } catch {}
}

function recall(): string {
  try {
    return sessionStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

function forget(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {}
}
