// A plain form with photos (the mailbox): its sending waits until the photos are there.
import type { PhotoQueue } from './queue';

export function holdUntilSent(form: HTMLFormElement | null, adder: HTMLElement & { queue: PhotoQueue }): void {
  let isHeld = false;
  form?.addEventListener('submit', event => {
    if (!adder.queue.pending) return;
    event.preventDefault();
    isHeld = true;
  });
  adder.addEventListener('photos-changed', () => {
    if (!isHeld || adder.queue.pending) return;
    isHeld = false;
    // Safari before 16 has no requestSubmit; what the form requires was checked when it was held.
    if (form?.requestSubmit) form.requestSubmit();
    else form?.submit();
  });
}
