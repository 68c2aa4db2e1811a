// <near-me>: one tap instead of choosing a district. The phone's place goes into the form's address and nowhere else.
import { part, say, show, text } from '../lib/page';
import { locate } from '../places/locate';

/** Four decimals are ten metres: enough to sort by, and no more than that is told. */
const DECIMALS = 4;

export class NearMe extends HTMLElement {
  connectedCallback(): void {
    const button = part(this, 'near-button');
    show(button, !!navigator.geolocation);
    button?.addEventListener('click', () => void this.find());
  }

  private async find(): Promise<void> {
    const form = this.querySelector('form');
    const [lat, lon] = ['near-lat', 'near-lon'].map(name => part(this, name));
    if (!(form && lat instanceof HTMLInputElement && lon instanceof HTMLInputElement)) return;
    say(part(this, 'near-note'), text(this, 'asking'));
    const search = locate(fix => {
      lat.value = fix.lat.toFixed(DECIMALS);
      lon.value = fix.lon.toFixed(DECIMALS);
      const division = part(this, 'near-division');
      if (division instanceof HTMLSelectElement) division.value = '';
      search.stop();
    });
    const trouble = await search.ended;
    if (trouble) return say(part(this, 'near-note'), text(this, 'denied'));
    form.submit();
  }
}
