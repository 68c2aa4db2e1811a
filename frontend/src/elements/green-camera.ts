// <green-camera>: the tile opens the camera at once, the photo is made smaller, and the form goes on its own.
// Without script the link inside leads to the page with the same form.
import { part, say, text } from '../lib/page';

export class GreenCamera extends HTMLElement {
  connectedCallback(): void {
    const input = part<HTMLInputElement>(this, 'camera-input');
    const link = part<HTMLAnchorElement>(this, 'camera-link');
    if (!input) return;
    link?.addEventListener('click', event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      input.click();
    });
    input.addEventListener('change', () => void this.send(input));
  }

  private async send(input: HTMLInputElement): Promise<void> {
    const [file] = Array.from(input.files ?? []);
    const form = input.form;
    if (!file || !form) return;
    this.setAttribute('aria-busy', 'true');
    say(part(this, 'camera-note'), text(this, 'sending'));
    const smaller = await this.smaller(file);
    if (smaller) input.files = smaller;
    form.submit();
  }

  private async smaller(file: File): Promise<FileList | null> {
    try {
      const { shrink } = await import('../photos/shrink');
      const { blob } = await shrink(file);
      if (!blob) return null;
      const carrier = new DataTransfer();
      carrier.items.add(new File([blob], 'photo.jpg', { type: blob.type || 'image/jpeg' }));
      return carrier.files;
    } catch {
      // As it is, then: the server takes up to ten megabytes.
      return null;
    }
  }
}
