// <report-camera>: the home button opens the camera at once; what it takes waits in the draft for the report page.
// Without script, or where nothing can be stored, it stays the link that it is.
import { newPhoto, openDrafts, type DraftStore } from '../drafts/draft';

export class ReportCamera extends HTMLElement {
  private store: DraftStore | undefined;

  connectedCallback(): void {
    const link = this.querySelector('a');
    if (!link) return;
    void openDrafts().then(store => (this.store = store));
    const camera = document.createElement('input');
    Object.assign(camera, { type: 'file', accept: 'image/*', hidden: true, tabIndex: -1 });
    camera.setAttribute('capture', 'environment');
    camera.setAttribute('aria-hidden', 'true');
    this.append(camera);
    link.addEventListener('click', event => {
      const wantsNewTab = event.ctrlKey || event.metaKey || event.shiftKey;
      if (!this.store?.lasting || wantsNewTab) return;
      event.preventDefault();
      camera.click();
    });
    camera.addEventListener('change', () => void this.carry(camera, link.href));
  }

  private async carry(camera: HTMLInputElement, next: string): Promise<void> {
    const file = camera.files?.[0];
    if (!file || !this.store) return;
    this.setAttribute('aria-busy', 'true');
    try {
      await this.store.begin(newPhoto(file));
    } catch {
      // No space: the report page asks for the photo again.
    }
    location.assign(next);
    this.removeAttribute('aria-busy');
    camera.value = '';
  }
}
