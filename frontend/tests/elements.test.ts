import { beforeEach, describe, expect, test, vi } from 'vitest';
import { fill } from '../src/bureau/answers';
import { walkQueue } from '../src/bureau/queue';
import { numberSteps } from '../src/bureau/steps';
import { DeviceReports } from '../src/elements/device-reports';
import { MyReports } from '../src/elements/my-reports';
import { text } from '../src/lib/page';
import { forget, keep, keptReceipts } from '../src/receipts/kept';
import { fillIn, readFields, rememberSubmitter } from '../src/sending/fields';
import { showRefusal } from '../src/sending/refusal';

customElements.define('my-reports', MyReports);
customElements.define('device-reports', DeviceReports);

const press = (key: string, target: EventTarget = document.body) =>
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));

const settle = () => new Promise(resolve => setTimeout(resolve, 0));

beforeEach(() => {
  document.body.innerHTML = '';
  localStorage.clear();
});

test('words come from the page, with their values', () => {
  document.body.innerHTML = '<p data-text-found="已定位：{place}（±{metres} 米）"></p>';
  const p = document.querySelector('p') as HTMLElement;
  expect(text(p, 'found', { place: '麦积区', metres: 18 })).toBe('已定位：麦积区（±18 米）');
  expect(text(p, 'found', { place: '麦积区' })).toBe('已定位：麦积区（±{metres} 米）');
  expect(text(p, 'missing')).toBe('');
});

describe('the report form', () => {
  const form = () => {
    document.body.innerHTML = `
      <form><input name="id" value="server"><input type="radio" name="kind" value="smoke">
      <input type="radio" name="kind" value="dust"><textarea name="words"></textarea>
      <select name="township_code"><option value=""></option><option value="21"></option></select>
      <button name="joins" value="TS-1"></button></form>`;
    return document.querySelector('form') as HTMLFormElement;
  };

  test('gives back what was put into it', () => {
    const fields = { id: 'mine', kind: 'dust', words: '味道很重', township_code: '21', unknown: 'x' };
    const target = form();
    fillIn(target, fields);
    expect(Object.fromEntries(readFields(target))).toEqual({
      id: 'mine',
      kind: 'dust',
      words: '味道很重',
      township_code: '21',
    });
  });

  test('joins only with the button that says so', () => {
    const target = form();
    const join = target.querySelector('button');
    rememberSubmitter(target, join, 'joins');
    rememberSubmitter(target, join, 'joins');
    expect(readFields(target).filter(([name]) => name === 'joins')).toEqual([['joins', 'TS-1']]);
    rememberSubmitter(target, null, 'joins');
    expect(readFields(target).filter(([name]) => name === 'joins')).toEqual([]);
  });

  test('shows mistakes at their fields and keeps what is typed', () => {
    document.body.innerHTML = `<div data-root><p data-form-note></p>
      <details id="field-words"><summary>words</summary><textarea></textarea></details></div>`;
    const root = document.querySelector('[data-root]') as HTMLElement;
    (root.querySelector('textarea') as HTMLTextAreaElement).value = 'kept';
    const page = new DOMParser().parseFromString(
      `<main><div data-error-summary tabindex="-1">look</div>
       <details id="field-words"><p class="field__error">too long</p></details></main>`,
      'text/html',
    );
    showRefusal(root, page);
    showRefusal(root, page);
    expect(root.querySelectorAll('[data-error-summary]')).toHaveLength(1);
    expect(root.querySelector('#field-words .field__error')?.textContent).toBe('too long');
    expect(root.querySelector('details')?.hasAttribute('open')).toBe(true);
    expect(root.querySelector('textarea')?.value).toBe('kept');
  });
});

describe('my reports', () => {
  const show = async (current?: string) => {
    const page = document.createElement('my-reports');
    const words = {
      'lookup-url': '/lookup',
      'text-unknown': 'unknown',
      'text-offline': 'offline',
      'text-updated': '{when}',
    };
    for (const [name, value] of Object.entries(words)) page.setAttribute(`data-${name}`, value);
    page.innerHTML = `<a data-my-current data-number="${current ?? ''}"></a><div data-my-filled hidden><ul data-my-list></ul><p data-my-note></p></div>
      <template data-my-card><li><b data-my-number></b><i data-my-state></i><span data-my-answer></span>
        <input data-my-receipt><button data-my-forget></button></li></template>
      <div data-my-empty></div>`;
    document.body.append(page);
    await settle();
    return page;
  };
  const kept = { receipt: '7K4M', number: 'TS-1', keptAt: '2026-11-20T00:00:00Z' };
  const progress = {
    number: 'TS-1',
    kind_name: 'k',
    state: 'accepted',
    state_name: '已受理',
    sentence: '在查',
    unread: 1,
  };

  test('shows how each kept report stands and remembers it', async () => {
    keep(kept);
    vi.stubGlobal(
      'fetch',
      vi.fn(async () => new Response(JSON.stringify(progress))),
    );
    const page = await show();
    await settle();
    expect(page.querySelector('[data-my-answer]')?.textContent).toBe('在查');
    expect(page.querySelector('[data-my-state]')?.className).toBe('state--accepted');
    expect(page.querySelector<HTMLInputElement>('[data-my-receipt]')?.value).toBe('7K4M');
    expect(keptReceipts()[0]?.last).toMatchObject({ state: 'accepted' });
  });

  test('shows the report that is open once, where it can be forgotten', async () => {
    keep(kept);
    vi.stubGlobal(
      'fetch',
      vi.fn(async () => new Response(JSON.stringify(progress))),
    );
    const page = await show('TS-1');
    expect(page.querySelectorAll('[data-my-number]')).toHaveLength(1);
    expect(page.querySelector<HTMLElement>('[data-my-current]')?.hidden).toBe(true);
    const other = await show('TS-2');
    expect(other.querySelector<HTMLElement>('[data-my-current]')?.hidden).toBe(false);
  });

  test('without a network shows the last that is known', async () => {
    keep({ ...kept, last: progress });
    vi.stubGlobal(
      'fetch',
      vi.fn(async () => Promise.reject(new TypeError('Failed to fetch'))),
    );
    const page = await show();
    await settle();
    expect(page.querySelector('[data-my-answer]')?.textContent).toBe('在查');
    expect(page.querySelector('[data-my-note]')?.textContent).toBe('offline');
  });

  test('forgets on demand, and shows the empty scene', async () => {
    keep(kept);
    vi.stubGlobal(
      'fetch',
      vi.fn(async () => new Response('{}', { status: 404 })),
    );
    const page = await show();
    await settle();
    expect(page.querySelector('[data-my-answer]')?.textContent).toBe('unknown');
    page.querySelector<HTMLElement>('[data-my-forget]')?.click();
    expect(keptReceipts()).toEqual([]);
    expect(page.querySelector('[data-my-empty]')?.hasAttribute('hidden')).toBe(false);
  });

  test('keeps a receipt once, and lives with broken storage', () => {
    keep(kept);
    keep(kept);
    expect(keptReceipts()).toHaveLength(1);
    forget('7K4M');
    localStorage.setItem('green.receipts', '{broken');
    expect(keptReceipts()).toEqual([]);
  });
});

describe('the desk', () => {
  test('J and K walk the queue, but not out of a text field', () => {
    document.body.innerHTML = `<ol data-queue><li data-row><a href="#1">1</a></li><li data-row><a href="#2">2</a></li></ol>
      <textarea></textarea>`;
    Element.prototype.scrollIntoView = vi.fn();
    walkQueue();
    const focused = () => document.activeElement?.textContent;
    press('j');
    expect(focused()).toBe('1');
    press('J');
    press('j');
    expect(focused()).toBe('2');
    press('k');
    expect(focused()).toBe('1');
    press('j', document.querySelector('textarea') as HTMLElement);
    expect(focused()).toBe('1');
  });

  test('/ goes to the field that looks for a case', () => {
    document.body.innerHTML = '<input data-search value="污水"><a href="#1">1</a>';
    walkQueue();
    press('/');
    expect(document.activeElement?.tagName).toBe('INPUT');
  });

  test('a number opens its step and sends nothing', () => {
    document.body.innerHTML = `<details data-step><form><input type="hidden"><select></select></form></details>
      <details data-step><form><textarea></textarea><button></button></form></details>`;
    Element.prototype.scrollIntoView = vi.fn();
    numberSteps();
    press('2');
    expect(document.querySelectorAll('details')[1]?.hasAttribute('open')).toBe(true);
    expect(document.activeElement?.tagName).toBe('TEXTAREA');
  });

  test('a template replaces a template, never what the officer wrote', () => {
    const area = document.body.appendChild(document.createElement('textarea'));
    const templates = ['A 〔when〕', 'B'];
    fill(area, 'A 〔when〕', templates);
    expect(area.value.slice(area.selectionStart, area.selectionEnd)).toBe('〔when〕');
    fill(area, 'B', templates);
    expect(area.value).toBe('B');
    area.value = 'my own words';
    fill(area, 'B', templates);
    expect(area.value).toBe('my own words\n\nB');
  });
});

describe('the reports of this device', () => {
  const show = () => {
    const page = document.createElement('device-reports');
    page.setAttribute('data-text-one', '{count} report');
    page.setAttribute('data-text-many', '{count} reports');
    page.innerHTML = `<span data-device-count>anonymous</span><ul data-device-list hidden></ul>
      <template data-device-line><li><b data-device-kind></b><i data-device-number></i><i data-device-state></i></li></template>`;
    document.body.append(page);
    return page;
  };
  const kept = (number: string) => ({ receipt: `secret ${number}`, number, keptAt: '2026-11-20T00:00:00Z' });

  test('are counted and named, and neither asked about nor shown with their receipts', () => {
    const fetching = vi.fn();
    vi.stubGlobal('fetch', fetching);
    localStorage.setItem('green.receipts', JSON.stringify([kept('TS-1'), kept('TS-2')]));
    const page = show();
    expect(page.querySelector('[data-device-count]')?.textContent).toBe('2 reports');
    expect(page.querySelector('[data-device-list]')?.hasAttribute('hidden')).toBe(false);
    expect(page.textContent).toContain('TS-2');
    expect(page.innerHTML).not.toContain('secret');
    expect(fetching).not.toHaveBeenCalled();
  });

  test('are none on a phone that keeps none', () => {
    localStorage.clear();
    const page = show();
    expect(page.querySelector('[data-device-count]')?.textContent).toBe('anonymous');
    expect(page.querySelector('[data-device-list]')?.hasAttribute('hidden')).toBe(true);
  });
});
