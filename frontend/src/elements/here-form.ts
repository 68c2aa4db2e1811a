// <here-form>: puts the phone's place into the forms of a point, so that the fence around it can be checked at once.
import { parts, part, say, text } from '../lib/page';
import { locate, type Fix } from '../places/locate';

const DECIMALS = 6;

export class HereForm extends HTMLElement {
  connectedCallback(): void {
    void this.find();
  }

  private async find(): Promise<void> {
    const note = part(this, 'here-note');
    say(note, text(this, 'asking'));
    const trouble = await locate(fix => this.fill(fix)).ended;
    say(note, text(this, trouble ? 'unknown' : 'found'));
  }

  private fill(fix: Fix): void {
    const values = {
      'here-lat': fix.lat.toFixed(DECIMALS),
      'here-lon': fix.lon.toFixed(DECIMALS),
      'here-accuracy': `${fix.accuracy}`,
    };
    for (const [name, value] of Object.entries(values)) {
      for (const field of parts<HTMLInputElement>(this, name)) field.value = value;
    }
  }
}
