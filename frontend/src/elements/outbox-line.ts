// <outbox-line>: says on the home page that a report still waits to be sent.
import { openDrafts } from '../drafts/draft';
import { part, say, show, text } from '../lib/page';

export class OutboxLine extends HTMLElement {
  async connectedCallback(): Promise<void> {
    const store = await openDrafts();
    const isWaiting = store.lasting && (await store.isWaiting());
    say(part(this, 'outbox-word'), isWaiting ? text(this, 'waiting', { n: 1 }) : '');
    show(this, isWaiting);
  }
}
