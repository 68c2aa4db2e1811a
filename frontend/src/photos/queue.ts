// Takes each photo from the camera to the server: shrunk one after the other, sent two at a time, each on its own, so
// that one bad photo or one lost connection keeps no other back.
import type { DraftPhoto } from '../drafts/draft';
import { delayAfter } from '../lib/backoff';
import type { Prepared } from './prepare';
import type { Outcome } from './upload';

type PhotoState = 'preparing' | 'sending' | 'sent' | 'waiting' | 'failed' | 'refused';

export interface Item {
  photo: DraftPhoto;
  state: PhotoState;
  /** Why it was refused: the server's sentence, or '' when it gave none. */
  sentence: string;
  isTooBig: boolean;
  percent: number;
  failures: number;
}

export interface Tools {
  prepare(original: Blob): Promise<Prepared>;
  upload(photo: DraftPhoto, progress: (percent: number) => void): Promise<Outcome>;
  /** Called at every change; `isStep` says that more than the percentage changed. */
  changed(item: Item, isStep: boolean): void;
  /** Called when the photo itself changed and should be remembered. */
  remember(photo: DraftPhoto): void;
  isOnline(): boolean;
}

const AT_ONCE = 2;
const LARGEST_ORIGINAL = 10_000_000;

export class PhotoQueue {
  readonly items: Item[] = [];
  private preparing: Promise<void> = Promise.resolve();
  private sending = 0;
  private timers = new Map<Item, ReturnType<typeof setTimeout>>();

  constructor(private readonly tools: Tools) {}

  add(photo: DraftPhoto): Item {
    const state: PhotoState = photo.received ? 'sent' : 'preparing';
    const item: Item = { photo, state, sentence: '', isTooBig: false, percent: 0, failures: 0 };
    this.items.push(item);
    this.tools.changed(item, true);
    if (photo.received) return item;
    this.preparing = this.preparing.then(() => this.prepare(item));
    return item;
  }

  remove(item: Item): void {
    clearTimeout(this.timers.get(item));
    this.timers.delete(item);
    this.items.splice(this.items.indexOf(item), 1);
  }

  /** Tries at once what waits: pressed by the person, or because the connection is back. */
  retry(only?: Item): void {
    for (const item of this.items) {
      if ((item.state === 'waiting' || item.state === 'failed') && (!only || only === item)) {
        clearTimeout(this.timers.get(item));
        this.timers.delete(item);
        if (item.photo.prepared) this.turn(item, 'waiting');
        else this.preparing = this.preparing.then(() => this.prepare(item));
      }
    }
    this.pump();
  }

  get sentIds(): string[] {
    return this.items.filter(item => item.state === 'sent').map(item => item.photo.id);
  }

  get refusedIds(): string[] {
    return this.items.filter(item => item.state === 'refused').map(item => item.photo.id);
  }

  get pending(): number {
    return this.items.filter(item => item.state !== 'sent' && item.state !== 'refused').length;
  }

  private async prepare(item: Item): Promise<void> {
    if (!this.items.includes(item) || item.photo.prepared) return this.turnAndPump(item);
    this.turn(item, 'preparing');
    try {
      const { blob, facts } = await this.tools.prepare(item.photo.blob);
      if (!blob && item.photo.blob.size > LARGEST_ORIGINAL) {
        item.isTooBig = true;
        return this.turn(item, 'refused');
      }
      Object.assign(item.photo, { blob: blob ?? item.photo.blob, facts, prepared: true });
      if (this.items.includes(item)) this.tools.remember(item.photo);
      this.turnAndPump(item);
    } catch {
      // The code that shrinks could not be loaded: there is no connection.
      this.later(item, 0);
    }
  }

  private turnAndPump(item: Item): void {
    this.turn(item, 'waiting');
    this.pump();
  }

  private pump(): void {
    for (const item of this.items) {
      if (this.sending >= AT_ONCE) return;
      if (item.state === 'waiting' && item.photo.prepared && !this.timers.has(item)) void this.send(item);
    }
  }

  private async send(item: Item): Promise<void> {
    this.sending++;
    item.percent = 0;
    this.turn(item, 'sending');
    const outcome = await this.tools.upload(item.photo, percent => {
      item.percent = percent;
      this.tools.changed(item, false);
    });
    this.sending--;
    if (this.items.includes(item)) this.settle(item, outcome);
    this.pump();
  }

  private settle(item: Item, outcome: Outcome): void {
    if (outcome.is === 'lost') return this.later(item, outcome.retryAfterMs);
    if (outcome.is === 'refused') {
      item.sentence = outcome.sentence;
      return this.turn(item, 'refused');
    }
    Object.assign(item.photo, { received: true, receivedAt: Date.now() });
    this.tools.remember(item.photo);
    this.turn(item, 'sent');
  }

  private later(item: Item, retryAfterMs: number): void {
    item.failures++;
    const timer = setTimeout(() => this.retry(item), delayAfter(item.failures, retryAfterMs));
    this.timers.set(item, timer);
    this.turn(item, this.tools.isOnline() ? 'failed' : 'waiting');
  }

  private turn(item: Item, state: PhotoState): void {
    item.state = state;
    if (this.items.includes(item)) this.tools.changed(item, true);
  }
}
