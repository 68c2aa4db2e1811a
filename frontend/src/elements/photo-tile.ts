// One photo of <photo-adder>: its picture, what is becoming of it, and its two buttons.
import { part, say, show, text } from '../lib/page';
import type { Item } from '../photos/queue';

export class PhotoTile {
  onRemove = (): void => undefined;
  onRetry = (): void => undefined;
  readonly removeButton: HTMLElement | null;
  private url = '';
  private shown: Blob | undefined;

  constructor(
    private readonly words: Element,
    private readonly node: HTMLElement,
  ) {
    this.removeButton = part(node, 'photo-remove');
    this.removeButton?.addEventListener('click', () => this.onRemove());
    part(node, 'photo-retry')?.addEventListener('click', () => this.onRetry());
    say(part(node, 'photo-retry-word'), text(words, 'retry'));
  }

  show(item: Item, n: number): void {
    // Waiting for its turn while there is a connection is part of the sending.
    const state = item.state === 'waiting' && navigator.onLine ? 'sending' : item.state;
    this.node.dataset['state'] = state;
    say(part(this.node, 'photo-status'), state === 'refused' ? this.reason(item) : text(this.words, state));
    show(part(this.node, 'photo-retry'), state === 'failed');
    this.removeButton?.setAttribute('aria-label', text(this.words, 'remove', { n }));
    const progress = part<HTMLProgressElement>(this.node, 'photo-progress');
    if (progress) progress.value = state === 'sent' ? 100 : item.percent;
    this.picture(item, n);
  }

  discard(): void {
    URL.revokeObjectURL(this.url);
    this.node.remove();
  }

  private picture(item: Item, n: number): void {
    const image = part<HTMLImageElement>(this.node, 'photo-image');
    if (!image) return;
    image.alt = text(this.words, 'alt', { n });
    if (this.shown === item.photo.blob) return;
    URL.revokeObjectURL(this.url);
    this.shown = item.photo.blob;
    this.url = URL.createObjectURL(item.photo.blob);
    // A picture that this browser cannot show (HEIC) leaves its place to the drawn one of the stylesheet.
    image.onerror = () => this.node.setAttribute('data-no-picture', '');
    image.onload = () => this.node.removeAttribute('data-no-picture');
    image.src = this.url;
  }

  private reason(item: Item): string {
    const { name, blob } = item.photo;
    if (item.isTooBig) return text(this.words, 'too-big', { name });
    return item.sentence || text(this.words, blob.size ? 'broken' : 'empty', { name });
  }
}
