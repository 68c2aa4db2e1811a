// How small a photo must become: first less quality, then fewer pixels, down to a floor that still shows a number plate.

interface Step {
  longSide: number;
  quality: number;
}

export interface Size {
  width: number;
  height: number;
}

/** Three of them and their headers stay under 750 KB, eight seconds on a slow line. */
export const TARGET_BYTES = 245_000;
const LADDER: readonly Step[] = [
  { longSide: 1600, quality: 0.75 },
  { longSide: 1600, quality: 0.65 },
  { longSide: 1440, quality: 0.6 },
  { longSide: 1280, quality: 0.6 },
];
const LONGEST_SIDE = 1600;
/** Above this the page does not decode (a phone has no memory for it); the server says so kindly. */
const MOST_PIXELS = 120_000_000;

/** Never larger than it was. */
export function fit({ width, height }: Size, longSide: number): Size {
  const scale = Math.min(1, longSide / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Walks down until the photo is small enough; the last step's result is taken as it is. */
export async function descend(size: Size, encode: (size: Size, quality: number) => Promise<Blob>): Promise<Blob> {
  let smallest: Blob | undefined;
  for (const step of LADDER) {
    const blob = await encode(fit(size, step.longSide), step.quality);
    if (!smallest || blob.size < smallest.size) smallest = blob;
    if (smallest.size <= TARGET_BYTES) break;
  }
  if (!smallest) throw new Error('empty ladder');
  return smallest;
}

/** A photo that is small already goes as it is: encoding it again would only blur it. */
export function isSmallEnough(bytes: number, size: Size): boolean {
  return bytes <= TARGET_BYTES && size.width > 0 && Math.max(size.width, size.height) <= LONGEST_SIDE;
}

export function isTooManyPixels(size: Size): boolean {
  return size.width * size.height > MOST_PIXELS;
}
