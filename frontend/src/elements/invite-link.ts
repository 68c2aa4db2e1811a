// <invite-link>: passes the link of an invitation on, by the phone's own sheet or by copying.
import { part, say, show, text } from '../lib/page';

export class InviteLink extends HTMLElement {
  connectedCallback(): void {
    const button = part<HTMLButtonElement>(this, 'pass-on');
    const canPass = 'share' in navigator || 'clipboard' in navigator;
    show(button, canPass);
    button?.addEventListener('click', () => void this.passOn());
  }

  private async passOn(): Promise<void> {
    const link = this.dataset['link'] ?? '';
    if ('share' in navigator) {
      try {
        await navigator.share({ text: text(this, 'words'), url: link });
        return;
      } catch (error) {
        // Closing the sheet is an answer.
        if (error instanceof DOMException && error.name === 'AbortError') return;
      }
    }
    say(part(this, 'note'), text(this, (await copied(link)) ? 'copied' : 'not-copied'));
  }
}

async function copied(link: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(link);
    return true;
  } catch {
    return false;
  }
}
