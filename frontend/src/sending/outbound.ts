// The way of one report from "send" to the receipt: waits for photos and network, never sends twice at once, and tries
// again by itself until the server has said yes or no.
import type { Entries } from '../drafts/draft';
import { delayAfter } from '../lib/backoff';
import { send, type Result, type Wire } from './post';

export type State = 'editing' | 'gathering' | 'sending' | 'failed' | 'offline' | 'received';

export interface Tools extends Wire {
  /** What the form would send now. */
  body(): Entries;
  /** Photos that are on their way, a phone that is looking for its place. */
  isGathering(): boolean;
  isOnline(): boolean;
  /** Stored before anything goes out, so that a killed page knows what it did. */
  remember(isWanted: boolean, attempts: Entries[]): Promise<void>;
  changed(state: State): void;
  received(page: Document, sent: Entries): void;
  refused(page: Document): void;
}

export class Outbound {
  state: State = 'editing';
  private isWanted = false;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly tools: Tools,
    private attempts: Entries[] = [],
  ) {}

  /** Takes up what an earlier page of this browser could not finish. */
  resume(isWanted: boolean, attempts: Entries[]): void {
    this.attempts = attempts;
    this.isWanted = isWanted;
    this.nudge();
  }

  /** The person pressed "send". */
  async submit(): Promise<void> {
    if (this.state === 'sending' || this.state === 'received') return;
    this.isWanted = true;
    if (this.tools.isGathering()) {
      // First the state, then the storing: what is waited for may come in between.
      this.turn(this.tools.isOnline() ? 'gathering' : 'offline');
      return this.tools.remember(true, this.attempts);
    }
    await this.go(this.tools.body());
  }

  /** Something that was waited for may have come: a photo, the place, the network. */
  nudge(): void {
    if (!this.isWanted || this.state === 'sending' || this.state === 'received') return;
    const last = this.attempts[this.attempts.length - 1];
    // What was sent before is repeated as it was; half-typed changes wait for the next press.
    if (last && this.state !== 'gathering') void this.go(last);
    else void this.submit();
  }

  private async go(entries: Entries): Promise<void> {
    clearTimeout(this.timer);
    this.turn('sending');
    const earlier = this.attempts.filter(attempt => !isSame(attempt, entries));
    this.attempts = [...earlier, entries];
    await this.tools.remember(true, this.attempts);
    this.settle(await send(this.tools, entries, earlier), earlier);
  }

  private settle(result: Result, earlier: Entries[]): void {
    if (result.is === 'lost') return this.later(result.retryAfterMs);
    this.isWanted = false;
    this.failures = 0;
    if (result.is === 'received') {
      this.turn('received');
      return this.tools.received(result.page, result.entries);
    }
    this.attempts = earlier;
    void this.tools.remember(false, earlier);
    this.turn('editing');
    this.tools.refused(result.page);
  }

  private later(retryAfterMs: number): void {
    this.failures++;
    this.timer = setTimeout(() => this.nudge(), delayAfter(this.failures, retryAfterMs));
    this.turn(this.tools.isOnline() ? 'failed' : 'offline');
  }

  private turn(state: State): void {
    this.state = state;
    this.tools.changed(state);
  }
}

function isSame(one: Entries, other: Entries): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
