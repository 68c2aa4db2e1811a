// Where the crosshair stands: metres on the ground, degrees in the data (WGS-84), and how far one press moves.

export interface Point {
  lat: number;
  lon: number;
}

export type Direction = 'north' | 'south' | 'east' | 'west';

export interface Zoom {
  /** What the map's width shows, in metres. */
  width: number;
  /** How far one press on an arrow moves, in metres. */
  step: number;
}

/** From one yard to the whole city; the two nearest are for pointing, the others for getting there. */
export const ZOOMS: readonly Zoom[] = [
  { width: 200, step: 10 },
  { width: 1_000, step: 50 },
  { width: 4_000, step: 250 },
  { width: 16_000, step: 1_000 },
  { width: 64_000, step: 5_000 },
  { width: 256_000, step: 20_000 },
];
export const ON_FOUND = 1;
export const WHOLE_CITY = ZOOMS.length - 1;

/** As `backend/places/projection.py` has it. */
const METRES_PER_DEGREE = 111_195;
const LINES_WANTED = 6;

export function metresPerDegree(lat: number): { lat: number; lon: number } {
  return { lat: METRES_PER_DEGREE, lon: METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180) };
}

export function shift(from: Point, eastMetres: number, northMetres: number): Point {
  const { lat, lon } = metresPerDegree(from.lat);
  return { lat: round(from.lat + northMetres / lat), lon: round(from.lon + eastMetres / lon) };
}

const EAST: Record<Direction, number> = { north: 0, south: 0, east: 1, west: -1 };
const NORTH: Record<Direction, number> = { north: 1, south: -1, east: 0, west: 0 };

export function move(from: Point, direction: Direction, metres: number): Point {
  return shift(from, EAST[direction] * metres, NORTH[direction] * metres);
}

/** A zoom at which the found place and its doubt both fit on the map. */
export function zoomFor(accuracy: number): number {
  const index = ZOOMS.findIndex((zoom, at) => at >= ON_FOUND && zoom.width >= accuracy * 3);
  return index < 0 ? WHOLE_CITY : index;
}

/** Six decimals are 11 cm: finer than any phone, and the same text each time. */
export function round(degrees: number): number {
  return Number(degrees.toFixed(6));
}

/** How far apart the lines of the metre grid are: 1, 2 or 5 times a power of ten. */
export function gridStep(width: number): number {
  const wanted = width / LINES_WANTED;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const factor = [1, 2, 5, 10].find(each => each * power >= wanted) ?? 10;
  return factor * power;
}
