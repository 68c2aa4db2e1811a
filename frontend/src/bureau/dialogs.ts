// Photos at full size, and the list of keys, in the browser's own dialog: it keeps the focus and closes with Escape.
import { onKeys } from './keys';

/** Without <dialog> (Safari before 15.4) the photo stays a link that opens the picture. */
function canOpen(dialog: HTMLDialogElement | null): dialog is HTMLDialogElement {
  return typeof dialog?.showModal === 'function';
}

function closeOnBackdrop(dialog: HTMLDialogElement): void {
  dialog.addEventListener('click', event => {
    const isClose = event.target === dialog || (event.target as Element).closest('[data-close]');
    if (isClose) dialog.close();
  });
}

export function zoomPhotos(): void {
  const dialog = document.querySelector<HTMLDialogElement>('[data-photo-dialog]');
  const photos = Array.from(document.querySelectorAll<HTMLAnchorElement>('[data-photo]'));
  if (!canOpen(dialog) || !photos.length) return;
  let at = 0;
  const turnTo = (next: number) => {
    at = (next + photos.length) % photos.length;
    const photo = photos[at];
    const image = dialog.querySelector<HTMLImageElement>('[data-photo-large]');
    if (!photo || !image) return;
    image.src = photo.href;
    image.alt = photo.querySelector('img')?.alt ?? '';
  };
  photos.forEach((photo, index) =>
    photo.addEventListener('click', event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      turnTo(index);
      dialog.showModal();
    }),
  );
  for (const [name, by] of [['photo-previous', -1] as const, ['photo-next', 1] as const]) {
    dialog.querySelector(`[data-${name}]`)?.toggleAttribute('hidden', !(photos.length > 1));
    dialog.querySelector(`[data-${name}]`)?.addEventListener('click', () => turnTo(at + by));
  }
  dialog.addEventListener('keydown', ({ key }) => {
    if (key === 'ArrowLeft') turnTo(at - 1);
    if (key === 'ArrowRight') turnTo(at + 1);
  });
  closeOnBackdrop(dialog);
}

export function explainKeys(): void {
  const dialog = document.querySelector<HTMLDialogElement>('[data-key-help]');
  if (!canOpen(dialog)) return;
  const open = () => dialog.showModal();
  onKeys({ '?': open });
  const button = document.querySelector<HTMLElement>('[data-key-help-open]');
  button?.removeAttribute('hidden');
  button?.addEventListener('click', open);
  closeOnBackdrop(dialog);
}
