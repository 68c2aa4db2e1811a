// What a report still lacks. Told at once, because somebody without a network would hear of it from the server much too
// late; the server checks all the same.
import type { PhotoAdder } from '../elements/photo-adder';
import type { PlaceStrip } from '../elements/place-strip';
import { readFields } from './fields';

interface Missing {
  words: 'need-photo' | 'need-kind' | 'need-place';
  at: string;
}

export function missingFrom(
  form: HTMLFormElement,
  photos: PhotoAdder | null,
  place: PlaceStrip | null,
): Missing | null {
  const fields = Object.fromEntries(readFields(form));
  const hasPhoto = !!photos?.queue.items.some(item => item.state !== 'refused');
  if (!hasPhoto && !fields['words']?.trim() && !fields['joins']) {
    return { words: 'need-photo', at: '[data-photo-camera]' };
  }
  if (!fields['kind']) return { words: 'need-kind', at: 'input[name=kind]' };
  if (fields['lat'] || fields['county_code'] || place?.isLooking) return null;
  return { words: 'need-place', at: '[data-county]' };
}
