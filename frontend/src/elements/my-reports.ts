// <my-reports>: a card for each receipt that is kept on this device, with how its report stands now.
import { Lost, postJson } from '../lib/http';
import { part, say, show, stampOf, text } from '../lib/page';
import { forget, keptReceipts, update, type Kept, type Progress } from '../receipts/kept';

const UNKNOWN = 404;

export class MyReports extends HTMLElement {
  connectedCallback(): void {
    const all = keptReceipts();
    // The one that is open is shown once: as its kept card, which can also be forgotten.
    const open = part(this, 'my-current');
    show(open, !all.some(kept => kept.number === open?.dataset['number']));
    show(part(this, 'my-filled'), all.length > 0);
    show(part(this, 'my-empty'), all.length === 0);
    for (const kept of all) this.add(kept);
  }

  private add(kept: Kept): void {
    const card = stampOf(part<HTMLTemplateElement>(this, 'my-card') as HTMLTemplateElement);
    if (!card) return;
    say(part(card, 'my-number'), kept.number);
    const input = part<HTMLInputElement>(card, 'my-receipt');
    if (input) input.value = kept.receipt;
    part(card, 'my-forget')?.addEventListener('click', () => this.forget(kept, card));
    if (kept.last) this.fill(card, kept.last, kept.lastAt ?? kept.keptAt);
    part(this, 'my-list')?.append(card);
    void this.refresh(kept, card);
  }

  private async refresh(kept: Kept, card: HTMLElement): Promise<void> {
    try {
      const response = await postJson(this.dataset['lookupUrl'] ?? '', { receipt: kept.receipt });
      if (response.status === UNKNOWN) say(part(card, 'my-answer'), text(this, 'unknown'));
      if (!response.ok) return;
      const progress = (await response.json()) as Progress;
      const now = new Date().toISOString();
      update(kept.receipt, progress, now);
      this.fill(card, progress, now);
    } catch (error) {
      // A page of a Wi-Fi portal in place of our answer is a SyntaxError.
      if (!(error instanceof Lost || error instanceof SyntaxError)) throw error;
      say(part(this, 'my-note'), text(this, 'offline'));
    }
  }

  private fill(card: HTMLElement, progress: Progress, at: string): void {
    say(part(card, 'my-number'), progress.number);
    say(part(card, 'my-kind'), progress.kind_name);
    say(part(card, 'my-answer'), progress.sentence);
    say(part(card, 'my-when'), text(this, 'updated', { when: when(at) }));
    const state = part(card, 'my-state');
    state?.classList.add(`state--${progress.state}`);
    say(state, progress.state_name);
    card.toggleAttribute('data-unread', progress.unread > 0);
    show(part(card, 'my-unread'), progress.unread > 0);
  }

  private forget(kept: Kept, card: HTMLElement): void {
    forget(kept.receipt);
    card.remove();
    say(part(this, 'my-note'), text(this, 'forgotten'));
    const isEmpty = keptReceipts().length === 0;
    show(part(this, 'my-empty'), isEmpty);
    const next = part(this, 'my-forget') ?? this.closest('main');
    next?.focus();
  }
}

function when(at: string): string {
  const language = document.documentElement.lang || undefined;
  return new Date(at).toLocaleString(language, {
    dateStyle: 'short',
    timeStyle: 'short',
  } as Intl.DateTimeFormatOptions);
}
