// <ticket-code>: keeps the code at the till fresh and the screen on; without a network it shows the code signed before.
// When the till has taken the ticket, the page says so by itself.
import { Lost, parsePage, request } from '../lib/http';
import { part, show } from '../lib/page';

const SOONEST_S = 2;
const PATIENCE_MS = 6_000;

export class TicketCode extends HTMLElement {
  private timer = 0;
  private lock: { release(): Promise<void> } | undefined;

  connectedCallback(): void {
    // A code fetched in the very second in which it changes would be old at once.
    this.next(Number(part(this, 'code')?.dataset['seconds'] ?? 0) + 1);
    document.addEventListener('visibilitychange', this.onSeen);
    window.addEventListener('online', this.onSeen);
    window.addEventListener('offline', this.onLost);
    void this.stayAwake();
  }

  disconnectedCallback(): void {
    clearTimeout(this.timer);
    document.removeEventListener('visibilitychange', this.onSeen);
    window.removeEventListener('online', this.onSeen);
    window.removeEventListener('offline', this.onLost);
    void this.lock?.release();
  }

  private readonly onSeen = (): void => {
    if (document.visibilityState !== 'visible') return;
    void this.stayAwake();
    void this.refresh();
  };

  private readonly onLost = (): void => this.isOnline(false);

  private next(seconds: number): void {
    clearTimeout(this.timer);
    // Asked a little more often than it changes, so that the phone notices that the till has taken the ticket.
    const wait = Math.max(SOONEST_S, Math.min(seconds, 5));
    this.timer = window.setTimeout(() => void this.refresh(), wait * 1000);
  }

  private async refresh(): Promise<void> {
    try {
      const init = { headers: { Accept: 'text/html' } };
      const answer = await request(this.dataset['src'] ?? '', init, PATIENCE_MS);
      const fresh = answer.ok ? part(parsePage(await answer.text()), 'code') : null;
      if (!fresh || fresh.dataset['state'] !== 'live' || !fresh.querySelector('[class$=digits]')) {
        location.reload();
        return;
      }
      const place = part(this, 'online');
      place?.replaceChildren(fresh);
      this.isOnline(true);
      this.next(Number(fresh.dataset['seconds']) + 1);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      this.isOnline(false);
      this.next(SOONEST_S);
    }
  }

  private isOnline(online: boolean): void {
    show(part(this, 'online'), online);
    show(part(this, 'kept'), !online);
  }

  private async stayAwake(): Promise<void> {
    const { wakeLock } = navigator as { wakeLock?: { request(kind: 'screen'): Promise<{ release(): Promise<void> }> } };
    try {
      this.lock = await wakeLock?.request('screen');
    } catch {
      this.lock = undefined; // A phone that saves power may refuse; the code works all the same.
    }
  }
}
