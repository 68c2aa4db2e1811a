// <photo-adder>: photos in, each shrunk, sent and listed on its own. Without script it is two file inputs.
import { newPhoto, openDrafts, type DraftPhoto } from '../drafts/draft';
import { part, say, show, stampOf, text } from '../lib/page';
import { PhotoQueue, type Item } from '../photos/queue';
import { onChosen } from '../photos/chosen';
import { shrink, warmUp } from '../photos/shrink';
import { upload } from '../photos/upload';
import { PhotoTile } from './photo-tile';
import { holdUntilSent } from '../photos/hold';

/** The server forgets photos that no report came for; older ones are sent again (the same id, so nothing is doubled). */
const SERVER_KEEPS_MS = 6 * 3_600_000;

export class PhotoAdder extends HTMLElement {
  readonly queue = new PhotoQueue({
    prepare: shrink,
    upload: (photo, progress) => upload(this.dataset['uploadUrl'] ?? '', photo, progress),
    changed: (item, isStep) => this.changed(item, isStep),
    remember: photo => this.remember(photo),
    isOnline: () => navigator.onLine,
  });
  private isRestored = true;
  private readonly tiles = new Map<Item, PhotoTile>();
  private readonly resume = () => this.queue.retry();

  connectedCallback(): void {
    warmUp();
    for (const input of this.querySelectorAll<HTMLInputElement>('input[type=file]')) {
      onChosen(input, files => this.take(files));
    }
    window.addEventListener('online', this.resume);
    this.isRestored = !this.isDraft;
    if (this.isDraft) void this.restore();
    else holdUntilSent(this.closest('form'), this);
  }

  disconnectedCallback(): void {
    window.removeEventListener('online', this.resume);
  }

  /** Photos that are on their way, or that an earlier page left and that are not listed yet. */
  get isPending(): boolean {
    return !this.isRestored || this.queue.pending > 0;
  }

  private get max(): number {
    return Number(this.dataset['max'] ?? 6);
  }

  private get isDraft(): boolean {
    return this.closest('report-form') !== null;
  }

  private take(files: File[]): void {
    const { max } = this;
    const room = Math.max(0, max - this.queue.items.length);
    say(part(this, 'photo-note'), files.length > room ? text(this, 'too-many', { max }) : '');
    for (const file of files.slice(0, room)) {
      const photo = newPhoto(file);
      this.remember(photo);
      this.queue.add(photo);
    }
  }

  private async restore(): Promise<void> {
    const photos = await (await openDrafts()).photos().catch(() => []);
    for (const photo of photos.slice(-this.max)) {
      if (this.queue.items.some(item => item.photo.id === photo.id)) continue;
      if (Date.now() - photo.receivedAt > SERVER_KEEPS_MS) photo.received = false;
      this.queue.add(photo);
    }
    this.isRestored = true;
    this.announce();
  }

  /** Best effort: a phone without space still sends, it only forgets the photo when the page is closed. */
  private remember(photo: DraftPhoto): void {
    if (this.isDraft) void openDrafts().then(store => store.keep(photo).catch(() => undefined));
  }

  private takeOut(item: Item): void {
    const place = this.queue.items.indexOf(item);
    this.queue.remove(item);
    this.tiles.get(item)?.discard();
    this.tiles.delete(item);
    if (this.isDraft) void openDrafts().then(store => store.drop(item.photo.id));
    say(part(this, 'photo-note'), text(this, 'removed'));
    const neighbour = this.queue.items[Math.min(place, this.queue.items.length - 1)];
    (neighbour ? this.tiles.get(neighbour)?.removeButton : part(this, 'photo-camera'))?.focus();
    this.announce();
  }

  private changed(item: Item, isStep: boolean): void {
    let tile = this.tiles.get(item);
    if (!tile) {
      const node = stampOf(this.querySelector('template[data-photo-tile]') as HTMLTemplateElement);
      if (!node) return;
      tile = new PhotoTile(this, node);
      tile.onRemove = () => this.takeOut(item);
      tile.onRetry = () => this.queue.retry(item);
      this.tiles.set(item, tile);
      part(this, 'photo-list')?.append(node);
    }
    tile.show(item, this.queue.items.indexOf(item) + 1);
    if (isStep) this.announce();
  }

  /** Tells the form what it would send now. */
  private announce(): void {
    const count = this.queue.items.length;
    this.toggleAttribute('has-photos', count > 0);
    show(part(this, 'photo-list'), count > 0);
    this.querySelectorAll('input[name=photo_ids]').forEach(input => input.remove());
    for (const value of this.queue.sentIds) {
      this.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'photo_ids', value }));
    }
    this.dispatchEvent(new Event('photos-changed', { bubbles: true }));
  }
}
