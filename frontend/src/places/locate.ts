// Asks the phone where it is: the first answer at once, better ones while they come, at most ten seconds.
import type { Point } from './movement';

export interface Fix extends Point {
  accuracy: number;
}

const PATIENCE_MS = 10_000;
const GOOD_METRES = 25;

/** Ends with the reason why there is no fix, or with '' when there is one. Call `stop` to keep what the person chose. */
export function locate(found: (fix: Fix) => void): { ended: Promise<'' | 'denied' | 'unavailable'>; stop(): void } {
  let stop = (): void => undefined;
  const ended = new Promise<'' | 'denied' | 'unavailable'>(resolve => {
    if (!navigator.geolocation) return resolve('unavailable');
    let hasFix = false;
    const end = (outcome: 'denied' | 'unavailable') => {
      clearTimeout(timer);
      navigator.geolocation.clearWatch(watch);
      resolve(hasFix ? '' : outcome);
    };
    stop = () => {
      hasFix = true;
      end('unavailable');
    };
    const watch = navigator.geolocation.watchPosition(
      ({ coords }) => {
        hasFix = true;
        found({ lat: coords.latitude, lon: coords.longitude, accuracy: Math.round(coords.accuracy) });
        if (coords.accuracy <= GOOD_METRES) end('unavailable');
      },
      error => {
        if (error.code === error.PERMISSION_DENIED) end('denied');
        else end('unavailable');
      },
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 0 },
    );
    // The time limit of watchPosition runs anew after each fix, and not at all while the person reads the question.
    const timer = setTimeout(() => hasFix && end('unavailable'), PATIENCE_MS);
  });
  return { ended, stop: () => stop() };
}
