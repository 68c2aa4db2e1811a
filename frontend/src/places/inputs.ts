// The hidden inputs in which a place goes out: WGS-84 degrees, the accuracy in metres, and who says so.
import { part } from '../lib/page';
import type { Point } from './movement';

export type Source = 'device' | 'map';

export class PlaceInputs {
  constructor(private readonly root: ParentNode) {}

  get point(): Point | null {
    const [lat, lon] = [this.read('lat'), this.read('lon')];
    return lat && lon ? { lat: Number(lat), lon: Number(lon) } : null;
  }

  get accuracy(): number {
    return Number(this.read('accuracy'));
  }

  get isByHand(): boolean {
    return this.read('source') === 'map';
  }

  set(point: Point, accuracy: number, source: Source): void {
    this.write('lat', point.lat.toFixed(6));
    this.write('lon', point.lon.toFixed(6));
    this.write('accuracy', String(accuracy));
    this.write('source', source);
  }

  private read(name: string): string {
    return part<HTMLInputElement>(this.root, name)?.value ?? '';
  }

  private write(name: string, value: string): void {
    const input = part<HTMLInputElement>(this.root, name);
    if (input) input.value = value;
  }
}
