// <report-form>: sends the report once, however often the connection breaks, and keeps what is typed until it is sent.
import { openDrafts, PLACE_KEEPS_MS, type Draft, type DraftStore, type Entries } from '../drafts/draft';
import { part, say, show, text } from '../lib/page';
import { Outbound, type State } from '../sending/outbound';
import { clearRefusal, showAnswer, showRefusal } from '../sending/refusal';
import { fillIn, readFields, rememberSubmitter } from '../sending/fields';
import { missingFrom } from '../sending/missing';
import { Similar } from '../sending/similar';
import { postReport, renewToken } from '../sending/wire';
import type { PhotoAdder } from './photo-adder';
import type { PlaceStrip } from './place-strip';

const SAVE_AFTER_MS = 300;
const NEWS = ['photos-changed', 'place-changed', 'change', 'input'];
const OUR_OWN = ['id', 'secret', 'csrf_token', 'datum', 'photo_ids', 'joins'];

export class ReportForm extends HTMLElement {
  private store: DraftStore | undefined;
  private draft: Draft | undefined;
  private saving: ReturnType<typeof setTimeout> | undefined;
  private readonly similar = new Similar();
  private readonly outbound = new Outbound({
    post: entries => postReport(this.form, entries),
    renewToken: () => renewToken(this.form),
    body: () => readFields(this.form).filter(([name]) => name !== 'csrf_token'),
    isGathering: () => !!this.photos?.isPending || !!this.place?.isLooking,
    isOnline: () => navigator.onLine,
    remember: (isWanted, attempts) => this.save({ isWanted, attempts }),
    changed: state => this.show(state),
    received: (page, sent) => void this.finish(page, sent),
    refused: page => showRefusal(this, page),
  });
  private readonly nudge = () => this.outbound.nudge();

  connectedCallback(): void {
    this.form.noValidate = true;
    this.addEventListener('submit', event => this.submit(event));
    for (const news of NEWS) this.addEventListener(news, () => this.changed(news));
    window.addEventListener('online', this.nudge);
    part(this, 'draft-discard')?.addEventListener('click', () => void this.discard());
    void this.restore();
  }

  disconnectedCallback(): void {
    window.removeEventListener('online', this.nudge);
    clearTimeout(this.saving);
  }

  private get form(): HTMLFormElement {
    return this.querySelector('form') as HTMLFormElement;
  }

  private get photos(): PhotoAdder | null {
    return this.querySelector<PhotoAdder>('photo-adder');
  }

  private get place(): PlaceStrip | null {
    return this.querySelector<PlaceStrip>('place-strip');
  }

  private async restore(): Promise<void> {
    this.store = await openDrafts();
    const draft = (this.draft = await this.store.current());
    fillIn(this.form, { ...draft.fields, id: draft.id, secret: draft.secret });
    this.form.dispatchEvent(new Event('draft-restored'));
    const [oldest] = await this.store.photos();
    const isLeftOver = draft.attempts.length > 0 || (!!oldest && Date.now() - oldest.at > PLACE_KEEPS_MS);
    show(part(this, 'draft-note'), isLeftOver);
    say(part(this, 'draft-word'), text(this, 'draft-restored'));
    this.lookForSimilar();
    this.outbound.resume(draft.isWanted, draft.attempts);
  }

  private async save(changes: Partial<Draft>): Promise<void> {
    if (!this.draft || this.outbound.state === 'received') return;
    const fields = Object.fromEntries(readFields(this.form).filter(([name]) => !OUR_OWN.includes(name)));
    Object.assign(this.draft, { fields }, changes);
    await this.store?.save(this.draft).catch(() => undefined);
  }

  private async discard(): Promise<void> {
    clearTimeout(this.saving);
    this.form.reset();
    await this.store?.discard();
    location.replace(this.form.action);
  }

  private changed(news: string): void {
    clearTimeout(this.saving);
    this.saving = setTimeout(() => void this.save({}), SAVE_AFTER_MS);
    if (news !== 'input') this.lookForSimilar();
    if (news.endsWith('-changed') && ['gathering', 'offline'].includes(this.outbound.state)) this.nudge();
  }

  private lookForSimilar(): void {
    void this.similar.look(this.form, this.dataset['similarUrl'], part(this, 'similar'));
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    rememberSubmitter(this.form, event.submitter, 'joins');
    clearRefusal(this);
    const missing = missingFrom(this.form, this.photos, this.place);
    if (!missing) return void this.outbound.submit();
    say(part(this, 'form-note'), text(this, missing.words) || text(this.place ?? this, 'denied'));
    part(this, 'place-list')?.toggleAttribute('open', missing.at === '[data-county]');
    this.querySelector<HTMLElement>(missing.at)?.focus();
  }

  private show(state: State): void {
    const isBusy = state === 'gathering' || state === 'sending';
    const notes = { gathering: 'photos-waiting', failed: 'failed', offline: 'saved-offline' } as Record<State, string>;
    this.dataset['state'] = state;
    part(this, 'send')?.setAttribute('aria-busy', String(isBusy));
    say(part(this, 'send-word'), text(this, isBusy ? 'sending' : 'send'));
    say(part(this, 'form-note'), text(this, notes[state] ?? ''));
  }

  private async finish(page: Document, sent: Entries): Promise<void> {
    clearTimeout(this.saving);
    const sentIds = sent.filter(([name]) => name === 'photo_ids').map(([, id]) => id);
    await this.store?.finish([...sentIds, ...(this.photos?.queue.refusedIds ?? [])]).catch(() => undefined);
    showAnswer(page);
  }
}
