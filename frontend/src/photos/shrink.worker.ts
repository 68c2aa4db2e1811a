// Shrinks photos off the page's thread, so that tapping stays quick on a cheap phone.
import { draw, prepare, type Canvases, type Picture } from './prepare';

async function decode(blob: Blob): Promise<Picture> {
  // Old Chromium turns the picture by itself and knows no 'from-image': there the option is a TypeError.
  const bitmap = await createImageBitmap(blob, { imageOrientation: 'from-image' }).catch((error: unknown) => {
    if (error instanceof TypeError) return createImageBitmap(blob);
    throw error;
  });
  return { source: bitmap, width: bitmap.width, height: bitmap.height, close: () => bitmap.close() };
}

const canvases: Canvases = {
  decode,
  encode: (picture, size, quality) => {
    const canvas = new OffscreenCanvas(size.width, size.height);
    draw(canvas.getContext('2d'), picture, size);
    return canvas.convertToBlob({ type: 'image/jpeg', quality });
  },
};

self.addEventListener('message', async ({ data }: MessageEvent<Blob>) => {
  self.postMessage(await prepare(data, canvases));
});
