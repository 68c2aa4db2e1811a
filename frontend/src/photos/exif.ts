// Reads when and where a photo was taken from its EXIF, because shrinking wipes it. Evidence that helps, never a
// condition: whatever is missing, broken or absurd is left out.
import type { PhotoFacts } from '../drafts/draft';
import type { Header } from './header';

const EXIF_IFD = 0x8769;
const GPS_IFD = 0x8825;
const TAKEN = 0x9003;
const TAKEN_OFFSET = 0x9011;
const MOST_TAGS = 200;
const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

/** `entries` maps a tag to where its value lies and how many it has. */
interface Directory {
  view: DataView;
  little: boolean;
  entries: Map<number, { at: number; count: number; type: number }>;
}

export function readFacts(bytes: DataView, header: Header): PhotoFacts {
  try {
    return header.exifAt ? factsOf(bytes, header) : {};
  } catch {
    return {};
  }
}

function factsOf(bytes: DataView, header: Header): PhotoFacts {
  const view = new DataView(bytes.buffer, bytes.byteOffset + header.exifAt, header.exifEnd - header.exifAt);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return {};
  const little = order === 0x4949;
  const root = directory(view, view.getUint32(4, little), little);
  const takenAt = taken(follow(root, EXIF_IFD));
  return { ...(takenAt && { taken_at: takenAt }), ...position(follow(root, GPS_IFD)) };
}

function directory(view: DataView, at: number, little: boolean): Directory {
  const found: Directory = { view, little, entries: new Map() };
  const count = Math.min(view.getUint16(at, little), MOST_TAGS);
  for (let entry = at + 2; entry < at + 2 + count * 12 && entry + 12 <= view.byteLength; entry += 12) {
    const type = view.getUint16(entry + 2, little);
    const values = view.getUint32(entry + 4, little);
    const isInline = (SIZES[type] ?? 0) * values <= 4;
    const valueAt = isInline ? entry + 8 : view.getUint32(entry + 8, little);
    found.entries.set(view.getUint16(entry, little), { at: valueAt, count: values, type });
  }
  return found;
}

function follow(root: Directory, tag: number): Directory | null {
  const pointer = root.entries.get(tag);
  if (!pointer) return null;
  try {
    return directory(root.view, root.view.getUint32(pointer.at, root.little), root.little);
  } catch {
    return null;
  }
}

function ascii(from: Directory | null, tag: number): string {
  const entry = from?.entries.get(tag);
  if (!from || entry?.type !== 2 || entry.at + entry.count > from.view.byteLength || entry.count > 64) return '';
  const bytes = new Uint8Array(from.view.buffer, from.view.byteOffset + entry.at, entry.count);
  return String.fromCharCode(...Array.from(bytes)).replace(/\0.*$/, '');
}

function taken(exif: Directory | null): string {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(ascii(exif, TAKEN));
  if (!parts) return '';
  const offset = ascii(exif, TAKEN_OFFSET);
  const local = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}`;
  // A camera whose clock was never set writes zeros.
  if (Number.isNaN(Date.parse(`${local}Z`))) return '';
  return local + (/^[+-]\d\d:\d\d$/.test(offset) ? offset : '');
}

function degrees(gps: Directory, tag: number): number {
  const entry = gps.entries.get(tag);
  if (entry?.type !== 5 || entry.count < 1) return NaN;
  let sum = 0;
  for (let index = 0; index < Math.min(3, entry.count); index++) {
    const at = entry.at + index * 8;
    const whole = gps.view.getUint32(at, gps.little);
    // Some phones write 0/0 for the seconds that they do not know.
    sum += whole === 0 ? 0 : whole / gps.view.getUint32(at + 4, gps.little) / 60 ** index;
  }
  return sum;
}

function position(gps: Directory | null): Pick<PhotoFacts, 'lat' | 'lon'> {
  if (!gps) return {};
  try {
    const lat = degrees(gps, 2) * (ascii(gps, 1) === 'S' ? -1 : 1);
    const lon = degrees(gps, 4) * (ascii(gps, 3) === 'W' ? -1 : 1);
    const isPlace = Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && (lat !== 0 || lon !== 0);
    return isPlace ? { lat: Number(lat.toFixed(6)), lon: Number(lon.toFixed(6)) } : {};
  } catch {
    return {};
  }
}
