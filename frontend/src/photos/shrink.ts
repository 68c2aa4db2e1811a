// Sends a photo to the worker and waits for it; without a worker that can draw, does it here.
import type { Prepared } from './prepare';

const PATIENCE_MS = 45_000;

let worker: Worker | null | undefined;

/** Called as soon as photos may come, so that the worker is there when the connection is gone. */
export function warmUp(): void {
  if (worker !== undefined) return;
  const canDraw = typeof OffscreenCanvas !== 'undefined' && typeof createImageBitmap !== 'undefined';
  try {
    worker = canDraw ? new Worker(new URL('./shrink.worker.ts', import.meta.url)) : null;
  } catch {
    worker = null;
  }
}

function askWorker(asked: Worker, original: Blob): Promise<Prepared> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the worker is stuck')), PATIENCE_MS);
    asked.onmessage = ({ data }: MessageEvent<Prepared>) => {
      clearTimeout(timer);
      resolve(data);
    };
    asked.onerror = event => {
      clearTimeout(timer);
      event.preventDefault();
      reject(new Error(event.message));
    };
    asked.postMessage(original);
  });
}

/** One photo at a time: the caller waits for each (two 12-megapixel bitmaps at once are too much for a cheap phone). */
export async function shrink(original: Blob): Promise<Prepared> {
  warmUp();
  if (worker) {
    try {
      return await askWorker(worker, original);
    } catch {
      worker.terminate();
      worker = null;
    }
  }
  const { prepareHere } = await import('./shrink-here');
  return prepareHere(original);
}
