// <receipt-keeper>: three ways to keep the receipt, which is shown only this once. None happens without being asked for.
import { part, say, show, text } from '../lib/page';
import { keep } from '../receipts/kept';

export class ReceiptKeeper extends HTMLElement {
  connectedCallback(): void {
    this.offer('keep', () => this.keepHere());
    this.offer('copy', () => this.copy());
    this.offer('save-image', () => this.saveImage());
  }

  private get receipt(): string {
    return this.dataset['receipt'] ?? '';
  }

  /** Resolves to the name of the words that tell how it went. */
  private offer(name: string, act: () => Promise<string>): void {
    const button = part<HTMLButtonElement>(this, name);
    show(button);
    button?.addEventListener('click', async () => say(part(this, 'keeper-note'), text(this, await act())));
  }

  private async keepHere(): Promise<string> {
    const { number = '' } = this.dataset;
    const isKept = keep({ receipt: this.receipt, number, keptAt: new Date().toISOString() });
    part(this, 'keep')?.toggleAttribute('data-done', isKept);
    return isKept ? 'kept' : 'not-copied';
  }

  private async copy(): Promise<string> {
    try {
      await navigator.clipboard.writeText(this.receipt);
      return 'copied';
    } catch {
      return this.copyTheOldWay() ? 'copied' : 'not-copied';
    }
  }

  private copyTheOldWay(): boolean {
    const field = Object.assign(document.createElement('textarea'), { value: this.receipt, readOnly: true });
    this.append(field);
    field.select();
    try {
      return document.execCommand('copy');
    } finally {
      field.remove();
      part(this, 'copy')?.focus();
    }
  }

  private async saveImage(): Promise<string> {
    const words = { title: text(this, 'image-title'), code: this.receipt, note: text(this, 'image-note') };
    try {
      const { receiptPicture, download } = await import('../receipts/picture');
      const blob = await receiptPicture(words, this.querySelector<SVGElement>('[data-receipt-qr] svg'));
      download(blob, `${this.dataset['number'] ?? 'receipt'}.png`);
      return 'saved';
    } catch {
      return 'not-copied';
    }
  }
}
