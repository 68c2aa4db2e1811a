// The list of counties and townships, for those whose phone cannot or may not tell the place.
import { part, parts } from '../lib/page';

/** Shows only the picked county's townships; those of another county can no longer be sent with it. */
export function filterTownships(counties: HTMLInputElement[], townships: HTMLSelectElement | null): void {
  const picked = counties.find(county => county.checked)?.value;
  if (!townships) return;
  for (const group of parts<HTMLOptGroupElement>(townships, 'county-code')) {
    const isOther = !!picked && group.dataset['countyCode'] !== picked;
    // Safari does not hide option groups; disabled ones are at least not chosen.
    group.hidden = group.disabled = isOther;
    if (isOther && group.contains(townships.selectedOptions[0] ?? null)) townships.value = '';
  }
}

/** The place in words, from the county down. */
export function pickedPlace(root: ParentNode): string {
  const county = parts<HTMLInputElement>(root, 'county').find(each => each.checked)?.dataset['name'];
  if (!county) return '';
  const townships = part<HTMLSelectElement>(root, 'township');
  const township = townships?.value ? townships.selectedOptions[0]?.textContent?.trim() : '';
  const landmark = part<HTMLInputElement>(root, 'landmark')?.value.trim();
  return [county, township, landmark].filter(Boolean).join(' ');
}
