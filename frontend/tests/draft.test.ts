import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { DraftStore } from '../src/drafts/draft';

const MINUTE = 60_000;

/** What another page of the same browser sees: the same database, nothing shared in memory. */
async function openPage(): Promise<DraftStore & { newPhoto: typeof import('../src/drafts/draft').newPhoto }> {
  vi.resetModules();
  const { openDrafts, newPhoto } = await import('../src/drafts/draft');
  return Object.assign(await openDrafts(), { newPhoto });
}

const file = (name = 'a.jpg') => new File([new Uint8Array([1, 2, 3])], name, { type: 'image/jpeg' });

beforeEach(() => {
  vi.useRealTimers();
  indexedDB = new IDBFactory();
});

describe('a draft', () => {
  test('keeps its id and secret until it is finished', async () => {
    const first = await (await openPage()).current();
    const again = await openPage();
    expect(await again.current()).toMatchObject({ id: first.id, secret: first.secret });
    expect(first.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(first.secret).toMatch(/^[0-9a-f]{32}$/);
    await again.finish([]);
    expect((await again.current()).id).not.toBe(first.id);
  });

  test('carries a photo with its bytes from page to page', async () => {
    const home = await openPage();
    await home.begin(home.newPhoto(file()));
    const [photo] = await (await openPage()).photos();
    expect(new Uint8Array(await (photo as { blob: Blob }).blob.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]));
    expect(photo).toMatchObject({ name: 'a.jpg', prepared: false, received: false });
  });

  test('lists photos in the order in which they were taken', async () => {
    const page = await openPage();
    for (const [at, name] of [[3, 'c'] as const, [1, 'a'] as const, [2, 'b'] as const]) {
      await page.keep({ ...page.newPhoto(file(name)), at });
    }
    expect((await page.photos()).map(photo => photo.name)).toEqual(['a', 'b', 'c']);
  });

  test('keeps photos that came after the sending, for the next report', async () => {
    const page = await openPage();
    const [sent, later] = [page.newPhoto(file('sent')), page.newPhoto(file('later'))];
    await page.keep(sent);
    await page.keep(later);
    await page.finish([sent.id]);
    expect((await page.photos()).map(photo => photo.name)).toEqual(['later']);
  });

  test('does not give a new photo the place of an old one', async () => {
    const page = await openPage();
    const draft = await page.current();
    await page.save({
      ...draft,
      isWanted: true,
      fields: { lat: '34.5', lon: '105.7', county_code: '620502', words: 'w' },
    });
    await page.begin(page.newPhoto(file()));
    expect((await page.current()).fields).toMatchObject({ lat: '34.5' });
    vi.useFakeTimers({ now: Date.now() + 11 * MINUTE, toFake: ['Date'] });
    await page.begin(page.newPhoto(file()));
    expect(await page.current()).toMatchObject({ id: draft.id, isWanted: false, fields: { words: 'w' } });
    expect((await page.current()).fields).not.toHaveProperty('lat');
  });

  test('is forgotten with its photos after a week', async () => {
    const page = await openPage();
    const draft = await page.current();
    await page.begin(page.newPhoto(file()));
    vi.useFakeTimers({ now: Date.now() + 8 * 24 * 60 * MINUTE, toFake: ['Date'] });
    expect((await page.current()).id).not.toBe(draft.id);
    expect(await page.photos()).toEqual([]);
  });

  test('lives in memory where the browser blocks the database', async () => {
    indexedDB = { open: () => { throw new Error('SecurityError'); } } as unknown as IDBFactory; // prettier-ignore
    const page = await openPage();
    expect(page.lasting).toBe(false);
    await page.begin(page.newPhoto(file()));
    expect(await page.photos()).toHaveLength(1);
    expect((await page.current()).id).toBe((await page.current()).id);
  });

  test('lives in memory where the database never answers', async () => {
    vi.useFakeTimers();
    indexedDB = { open: () => ({ addEventListener: () => undefined }) } as unknown as IDBFactory;
    const opening = openPage();
    await vi.advanceTimersByTimeAsync(2_500);
    expect((await opening).lasting).toBe(false);
  });

  test('says that it waits only when sending was asked for', async () => {
    const page = await openPage();
    expect(await page.isWaiting()).toBe(false);
    const draft = await page.current();
    expect(await page.isWaiting()).toBe(false);
    await page.save({ ...draft, attempts: [[['id', draft.id]]] });
    expect(await (await openPage()).isWaiting()).toBe(true);
  });
});
