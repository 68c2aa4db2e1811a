import { describe, expect, test, vi } from 'vitest';
import { descend, fit, isTooManyPixels, TARGET_BYTES, type Size } from '../src/photos/ladder';
import { prepare, type Canvases } from '../src/photos/prepare';
import { jpeg } from './jpeg';

const PHONE: Size = { width: 4000, height: 3000 };
const blobOf = (bytes: number) => new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' });

/** An encoder whose photos need `perPixel` bytes at full quality. */
function encoder(perPixel: number) {
  return vi.fn(async ({ width, height }: Size, quality: number) =>
    blobOf(Math.round(width * height * perPixel * quality)),
  );
}

function canvases(perPixel: number, decoded: Size = PHONE): Canvases & { close: () => void } {
  const close = vi.fn();
  const encode = encoder(perPixel);
  return {
    close,
    decode: vi.fn(async () => ({ ...decoded, source: null as unknown as CanvasImageSource, close })),
    encode: (_, size, quality) => encode(size, quality),
  };
}

describe('the ladder', () => {
  test('stops at the first step that is small enough', async () => {
    const encode = encoder(0.16);
    expect((await descend(PHONE, encode)).size).toBe(230_400);
    expect(encode.mock.calls).toEqual([[{ width: 1600, height: 1200 }, 0.75]]);
  });

  test('lowers the quality first, then the pixels, and never goes below the floor', async () => {
    const encode = encoder(5);
    const blob = await descend(PHONE, encode);
    expect(encode.mock.calls.map(([{ width }, quality]) => [width, quality])).toEqual([
      [1600, 0.75],
      [1600, 0.65],
      [1440, 0.6],
      [1280, 0.6],
    ]);
    expect(blob.size).toBeGreaterThan(TARGET_BYTES);
  });

  test('keeps the shape, and never enlarges', () => {
    expect(fit({ width: 3000, height: 4000 }, 1600)).toEqual({ width: 1200, height: 1600 });
    expect(fit({ width: 800, height: 600 }, 1600)).toEqual({ width: 800, height: 600 });
    expect(fit({ width: 10_000, height: 1 }, 1600)).toEqual({ width: 1600, height: 1 });
  });

  test('decodes what phones take, and no bomb', () => {
    expect(isTooManyPixels({ width: 12_000, height: 9_000 })).toBe(false);
    expect(isTooManyPixels({ width: 13_000, height: 13_000 })).toBe(true);
  });
});

describe('preparing a photo', () => {
  const photo = (size: Size, bytes: number) => new Blob([jpeg(null, size.width, size.height), new Uint8Array(bytes)]);

  test('shrinks a phone photo and lets its memory go', async () => {
    const tools = canvases(0.16);
    const { blob } = await prepare(photo(PHONE, 4_000_000), tools);
    expect(blob?.size).toBe(230_400);
    expect(tools.close).toHaveBeenCalledOnce();
  });

  test('sends a photo that is small already as it is', async () => {
    const tools = canvases(1);
    const small = photo({ width: 1600, height: 1200 }, 200_000);
    expect((await prepare(small, tools)).blob).toBe(small);
    expect(tools.decode).not.toHaveBeenCalled();
  });

  test('does not decode a bomb', async () => {
    const tools = canvases(1);
    expect((await prepare(photo({ width: 13_000, height: 13_000 }, 400_000), tools)).blob).toBeNull();
    expect(tools.decode).not.toHaveBeenCalled();
  });

  test('leaves what the browser cannot read to the server', async () => {
    const tools = { ...canvases(1), decode: () => Promise.reject(new Error('EncodingError')) };
    expect(await prepare(new Blob(['just text']), tools)).toEqual({ blob: null, facts: {} });
  });
});
