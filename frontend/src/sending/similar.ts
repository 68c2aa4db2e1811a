// Shows reports close by as soon as kind and place are known; a failure shows nothing and stops nothing.
import { fetchInto } from '../lib/http';
import { readFields } from './fields';

/** About 100 m: enough for this, and the address of a request is written into logs, where no exact place belongs. */
const DECIMALS = 3;

export class Similar {
  private shown = '';

  async look(form: HTMLFormElement, address: string | undefined, target: Element | null): Promise<void> {
    const { kind, lat, lon } = Object.fromEntries(readFields(form));
    if (!kind || !lat || !lon || !address || !target) return;
    const place = { lat: Number(lat).toFixed(DECIMALS), lon: Number(lon).toFixed(DECIMALS) };
    const url = `${address}?${new URLSearchParams({ kind, ...place })}`;
    if (url === this.shown) return;
    this.shown = url;
    await fetchInto(target, url);
  }
}
