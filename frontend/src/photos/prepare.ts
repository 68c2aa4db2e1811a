// Makes of a phone's photo what is uploaded. Runs in a worker where the browser can, on the page where it cannot.
import type { PhotoFacts } from '../drafts/draft';
import { readFacts } from './exif';
import { readHeader } from './header';
import { descend, isSmallEnough, isTooManyPixels, type Size } from './ladder';

/** `null`: the browser cannot read it (HEIC on Chromium, a text file); the server decides. */
export interface Prepared {
  blob: Blob | null;
  facts: PhotoFacts;
}

export type Picture = Size & { source: CanvasImageSource; close(): void };

export interface Canvases {
  decode(blob: Blob): Promise<Picture>;
  encode(picture: Picture, size: Size, quality: number): Promise<Blob>;
}

const HEADER_BYTES = 262_144;

export async function prepare(original: Blob, canvases: Canvases): Promise<Prepared> {
  const bytes = new DataView(await original.slice(0, HEADER_BYTES).arrayBuffer());
  const header = readHeader(bytes);
  const facts = readFacts(bytes, header);
  if (isSmallEnough(original.size, header)) return { blob: original, facts };
  if (isTooManyPixels(header)) return { blob: null, facts };
  try {
    const picture = await canvases.decode(original);
    try {
      return { blob: await descend(picture, (size, quality) => canvases.encode(picture, size, quality)), facts };
    } finally {
      picture.close();
    }
  } catch {
    return { blob: null, facts };
  }
}

/** Fills white first: JPEG knows no transparency and would turn it black. */
export function draw(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null,
  picture: Picture,
  { width, height }: Size,
): void {
  if (!context) throw new Error('no canvas');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture.source, 0, 0, width, height);
}
