// <place-strip>: where it is. The phone's answer, the crosshair for those who want it exact, the list for everybody else.
import { openDrafts, PLACE_KEEPS_MS } from '../drafts/draft';
import { part, parts, say, show, text } from '../lib/page';
import type { CityMap } from '../places/city-map';
import type { Crosshair } from '../places/crosshair';
import { filterTownships, pickedPlace } from '../places/divisions';
import { PlaceInputs, type Source } from '../places/inputs';
import { locate } from '../places/locate';
import { openCityMap, openCrosshair } from '../places/open-map';
import type { Point } from '../places/movement';
import type { PhotoAdder } from './photo-adder';

const ROUGH_METRES = 200;
/** A form does not wait for ever for somebody who does not answer the browser's question. */
const WAIT_MS = 12_000;

export class PlaceStrip extends HTMLElement {
  /** The phone is looking; the form waits for it, at most ten seconds. */
  isLooking = false;
  private readonly inputs = new PlaceInputs(this);
  private hasAsked = false;
  private stop = (): void => undefined;
  private cityMap: Promise<CityMap | null> | undefined;
  private crosshair: Promise<Crosshair | null> | undefined;

  connectedCallback(): void {
    const form = this.closest('form');
    form?.addEventListener('photos-changed', () => void this.askOnce());
    form?.addEventListener('draft-restored', () => void this.describe());
    const { geolocation } = navigator;
    show(part(this, 'locate'), !!geolocation);
    show(part(this, 'adjust'), this.hasMap);
    part(this, 'locate')?.addEventListener('click', () => void this.locate());
    part(this, 'adjust')?.addEventListener('click', () => void this.adjust());
    this.addEventListener('change', () => void this.describe());
    this.openList(!geolocation || !!this.querySelector('.field__error'));
    void this.describe();
  }

  private get hasMap(): boolean {
    return !!(part(this, 'map')?.dataset['mapUrl'] || this.dataset['tileUrl']);
  }

  private openList(isOpen: boolean): void {
    part(this, 'place-list')?.toggleAttribute('open', isOpen);
  }

  /** The question comes when its reason is seen: after the first photo, and only if that was taken just now. */
  private async askOnce(): Promise<void> {
    const photos = this.closest('form')?.querySelector<PhotoAdder>('photo-adder')?.queue.items ?? [];
    const isFresh = photos.some(({ photo }) => Date.now() - photo.at < PLACE_KEEPS_MS);
    if (this.hasAsked || !isFresh) return;
    this.hasAsked = true;
    const { fields } = await (await openDrafts()).current();
    if (!this.inputs.point && !fields['lat'] && !fields['county_code']) await this.locate();
  }

  private async locate(): Promise<void> {
    this.hasAsked = true;
    this.stop();
    this.tell('asking');
    const search = locate(fix => this.set(fix, fix.accuracy, 'device'));
    this.stop = search.stop;
    this.isLooking = true;
    const giveUp = setTimeout(() => this.announce(), WAIT_MS);
    const trouble = await search.ended;
    clearTimeout(giveUp);
    this.announce();
    if (!trouble) return;
    this.tell(trouble);
    this.openList(true);
  }

  private set(point: Point, accuracy: number, source: Source): void {
    if (!this.inputs.point && !pickedPlace(this)) this.openList(false);
    this.inputs.set(point, accuracy, source);
    void this.describe();
    this.announce();
  }

  private announce(): void {
    this.isLooking = false;
    this.dispatchEvent(new Event('place-changed', { bubbles: true }));
  }

  private async adjust(): Promise<void> {
    const root = part(this, 'crosshair');
    if (!root) return;
    const isOpening = root.hasAttribute('hidden');
    part(this, 'adjust')?.setAttribute('aria-expanded', String(isOpening));
    show(root, isOpening);
    if (!isOpening) return;
    const moved = (to: Point, step: number) => {
      this.stop();
      this.set(to, step, 'map');
    };
    this.crosshair ??= openCrosshair(this, root, await this.map(), moved);
    (await this.crosshair)?.open(this.inputs.point, this.inputs.accuracy);
  }

  private tell(words: string, values?: Record<string, string | number>): void {
    say(part(this, 'place-line'), text(this, words, values));
  }

  private map(): Promise<CityMap | null> {
    return (this.cityMap ??= openCityMap(part(this, 'map')));
  }

  private async describe(): Promise<void> {
    filterTownships(parts<HTMLInputElement>(this, 'county'), part<HTMLSelectElement>(this, 'township'));
    const picked = pickedPlace(this);
    if (!this.inputs.point && picked) this.tell('picked', { place: picked });
    if (!this.inputs.point) return;
    const map = await this.map();
    const county = this.inputs.point && map?.countyAt(this.inputs.point);
    if (map?.hasCounties && !county && !picked) return this.tell('outside');
    const metres = this.inputs.accuracy;
    const words = this.inputs.isByHand ? 'moved' : metres > ROUGH_METRES ? 'rough' : 'found';
    const { lat, lon } = this.inputs.point;
    this.tell(words, { metres, place: picked || (county?.name ?? `${lat.toFixed(4)}, ${lon.toFixed(4)}`) });
  }
}
