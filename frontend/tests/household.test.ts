import { beforeEach, describe, expect, test, vi } from 'vitest';
import { InviteLink } from '../src/elements/invite-link';
import { JoinCode } from '../src/elements/join-code';

customElements.define('join-code', JoinCode);
customElements.define('invite-link', InviteLink);

const settle = () => new Promise(resolve => setTimeout(resolve, 0));
/** Elements are connected with their children in them, as a parsed page has them. */
function put(html: string): void {
  const page = document.createElement('template');
  page.innerHTML = html;
  document.body.replaceChildren(document.importNode(page.content, true));
}
const field = () => document.querySelector<HTMLInputElement>('[data-code]');

beforeEach(() => {
  document.body.innerHTML = '';
  sessionStorage.clear();
  history.replaceState(null, '', '/household/join');
});

describe('a scanned code', () => {
  const form = '<join-code><form><input name="code" data-code></form></join-code>';

  test('is filled in and leaves the address', () => {
    history.replaceState(null, '', '/household/join#7K4M92XYC');
    put(form);
    expect(field()?.value).toBe('7K4M92XYC');
    expect(location.hash).toBe('');
  });

  test('waits for the sign-in, and is forgotten once it is sent', () => {
    history.replaceState(null, '', '/household/join#7K4M92XYC');
    put('<join-code></join-code>');
    put(form);
    expect(field()?.value).toBe('7K4M92XYC');
    field()?.form?.dispatchEvent(new Event('submit'));
    expect(sessionStorage.length).toBe(0);
  });

  test('does not replace what is typed, and is cut where it cannot be one', () => {
    history.replaceState(null, '', `/household/join#${'9'.repeat(500)}`);
    put(form.replace('data-code', 'data-code value="typed"'));
    expect(field()?.value).toBe('typed');
    expect(sessionStorage.getItem(sessionStorage.key(0) ?? '')).toHaveLength(20);
  });

  test('that is half an escape is no code', () => {
    history.replaceState(null, '', '/household/join#%E4%');
    expect(() => put(form)).not.toThrow();
    expect(field()?.value).toBe('');
  });
});

describe('the link of an invitation', () => {
  const page = `<invite-link data-link="https://a/#X" data-text-words="w" data-text-copied="copied"
    data-text-not-copied="no"><button data-pass-on hidden></button><p data-note></p></invite-link>`;
  const press = async () => {
    put(page);
    document.querySelector('button')?.click();
    await settle();
    return document.querySelector('[data-note]')?.textContent;
  };

  test('goes to the sheet of the phone', async () => {
    const share = vi.fn().mockResolvedValue(undefined);
    vi.stubGlobal('navigator', { share });
    expect(await press()).toBe('');
    expect(share).toHaveBeenCalledWith({ text: 'w', url: 'https://a/#X' });
  });

  test('is copied where there is no sheet, and says when it is not', async () => {
    const writeText = vi.fn().mockResolvedValueOnce(undefined).mockRejectedValueOnce(new Error('no'));
    vi.stubGlobal('navigator', { clipboard: { writeText } });
    expect(await press()).toBe('copied');
    expect(await press()).toBe('no');
  });
});
