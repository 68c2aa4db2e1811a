// The same shrinking on the page's own thread, for browsers without OffscreenCanvas (Safari before 16.4). Loaded only there.
import { draw, prepare, type Canvases, type Picture, type Prepared } from './prepare';

async function decode(blob: Blob): Promise<Picture> {
  const image = new Image();
  const url = URL.createObjectURL(blob);
  image.src = url;
  try {
    await image.decode();
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
  const size = { width: image.naturalWidth, height: image.naturalHeight };
  return { source: image, ...size, close: () => URL.revokeObjectURL(url) };
}

const canvases: Canvases = {
  decode,
  encode: (picture, size, quality) => {
    const canvas = Object.assign(document.createElement('canvas'), size);
    draw(canvas.getContext('2d'), picture, size);
    return new Promise((resolve, reject) =>
      canvas.toBlob(blob => (blob ? resolve(blob) : reject(new Error('not encoded'))), 'image/jpeg', quality),
    );
  },
};

export function prepareHere(original: Blob): Promise<Prepared> {
  return prepare(original, canvases);
}
