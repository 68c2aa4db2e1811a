import { beforeEach, describe, expect, test, vi } from 'vitest';
import { newPhoto } from '../src/drafts/draft';
import { delayAfter, retryAfter } from '../src/lib/backoff';
import { PhotoQueue, type Tools } from '../src/photos/queue';
import { outcomeOf, type Outcome } from '../src/photos/upload';

const RECEIVED: Outcome = { is: 'received' };
const LOST: Outcome = { is: 'lost', retryAfterMs: 0 };

function photo(name = 'a.jpg', bytes = 10) {
  return newPhoto(new File([new Uint8Array(bytes)], name));
}

function queueOf(tools: Partial<Tools> = {}) {
  const all = {
    prepare: vi.fn(async (original: Blob) => ({ blob: original, facts: {} })),
    upload: vi.fn(async () => RECEIVED),
    changed: vi.fn(),
    remember: vi.fn(),
    isOnline: () => true,
    ...tools,
  };
  return { queue: new PhotoQueue(all), ...all };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});

describe('the photo queue', () => {
  test('takes a photo to the server and remembers each stage', async () => {
    const { queue, remember } = queueOf();
    const item = queue.add(photo());
    expect(queue.pending).toBe(1);
    await settle();
    expect(item.state).toBe('sent');
    expect(queue.sentIds).toEqual([item.photo.id]);
    expect(queue.pending).toBe(0);
    expect(remember).toHaveBeenCalledTimes(2);
    expect(item.photo).toMatchObject({ prepared: true, received: true });
  });

  test('shrinks one at a time and sends two at a time', async () => {
    let shrinking = 0;
    let sending = 0;
    const most = { shrinking: 0, sending: 0 };
    const during = async <T>(lasts: number, count: (by: number) => void, result: T): Promise<T> => {
      count(1);
      await new Promise(resolve => setTimeout(resolve, lasts));
      count(-1);
      return result;
    };
    const { queue } = queueOf({
      prepare: blob =>
        during(100, by => (most.shrinking = Math.max(most.shrinking, (shrinking += by))), { blob, facts: {} }),
      upload: () => during(300, by => (most.sending = Math.max(most.sending, (sending += by))), RECEIVED),
    });
    for (let index = 0; index < 6; index++) queue.add(photo());
    await vi.advanceTimersByTimeAsync(2_000);
    expect(queue.sentIds).toHaveLength(6);
    expect(most).toEqual({ shrinking: 1, sending: 2 });
  });

  test('keeps the others when one is refused', async () => {
    const { queue } = queueOf({
      upload: async ({ name }) => (name === 'b.txt' ? { is: 'refused', sentence: '这不是照片' } : RECEIVED),
    });
    const [a, b, c] = [queue.add(photo('a')), queue.add(photo('b.txt')), queue.add(photo('c'))];
    await settle();
    expect([a.state, b.state, c.state]).toEqual(['sent', 'refused', 'sent']);
    expect(b.sentence).toBe('这不是照片');
    expect(queue.sentIds).toEqual([a.photo.id, c.photo.id]);
    expect(queue.pending).toBe(0);
  });

  test('tries a lost photo again by itself, under the same id', async () => {
    const upload = vi.fn<Tools['upload']>().mockResolvedValueOnce(LOST).mockResolvedValueOnce(LOST);
    const { queue } = queueOf({ upload: upload.mockResolvedValue(RECEIVED) });
    const item = queue.add(photo());
    await settle();
    expect(item.state).toBe('failed');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(item.state).toBe('sent');
    expect(upload).toHaveBeenCalledTimes(3);
    expect(new Set(upload.mock.calls.map(([each]) => each.id))).toEqual(new Set([item.photo.id]));
  });

  test('waits as long as the server asks', async () => {
    const upload = vi.fn<Tools['upload']>().mockResolvedValueOnce({ is: 'lost', retryAfterMs: 60_000 });
    const { queue } = queueOf({ upload: upload.mockResolvedValue(RECEIVED) });
    queue.add(photo());
    await vi.advanceTimersByTimeAsync(59_000);
    expect(upload).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(1_500);
    expect(upload).toHaveBeenCalledTimes(2);
  });

  test('goes on at once when the connection is back', async () => {
    let isOnline = false;
    const { queue, upload } = queueOf({
      upload: vi.fn(async () => (isOnline ? RECEIVED : LOST)),
      isOnline: () => isOnline,
    });
    const item = queue.add(photo());
    await settle();
    expect(item.state).toBe('waiting');
    isOnline = true;
    queue.retry();
    await settle();
    expect(item.state).toBe('sent');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(upload).toHaveBeenCalledTimes(2);
  });

  test('tries to prepare again when the shrinking code could not be loaded', async () => {
    const prepare = vi.fn<Tools['prepare']>().mockRejectedValueOnce(new TypeError('Failed to fetch'));
    const { queue } = queueOf({ prepare: prepare.mockImplementation(async blob => ({ blob, facts: {} })) });
    const item = queue.add(photo());
    await vi.advanceTimersByTimeAsync(2_000);
    expect(item.state).toBe('sent');
  });

  test('sends the original when the browser cannot read it, unless it is too big for the server', async () => {
    const { queue, upload } = queueOf({ prepare: async () => ({ blob: null, facts: {} }) });
    const [heic, huge] = [queue.add(photo('a.heic')), queue.add(photo('b.heic', 10_000_001))];
    await settle();
    expect([heic.state, huge.state, huge.isTooBig]).toEqual(['sent', 'refused', true]);
    expect(upload).toHaveBeenCalledOnce();
  });

  test('does not prepare or send a photo that was removed, nor count it', async () => {
    const { queue, upload } = queueOf();
    const [a, b] = [queue.add(photo('a')), queue.add(photo('b'))];
    queue.remove(a);
    await settle();
    expect(upload).toHaveBeenCalledOnce();
    expect(queue.sentIds).toEqual([b.photo.id]);
  });

  test('does not send again what an earlier page has sent', async () => {
    const { queue, upload } = queueOf();
    queue.add({ ...photo(), prepared: true, received: true });
    await settle();
    expect(upload).not.toHaveBeenCalled();
    expect(queue.sentIds).toHaveLength(1);
  });
});

describe('what became of an upload', () => {
  const answer = (status: number, body: unknown, wish: string | null = null) =>
    outcomeOf({ status, body: typeof body === 'string' ? body : JSON.stringify(body), retryAfter: wish }, 'my-id');

  test.each([200, 201])('%s with our id is received', status => {
    expect(answer(status, { id: 'my-id', status: 'ready' })).toEqual(RECEIVED);
  });

  test('the page of a Wi-Fi portal is not an answer', () => {
    expect(answer(200, '<html>Please sign in</html>')).toEqual(LOST);
    expect(answer(403, '<html>Blocked</html>')).toEqual(LOST);
    expect(answer(200, { id: 'another' })).toEqual(LOST);
  });

  test.each([413, 415, 422, 409, 507])('%s is final and says why', status => {
    expect(answer(status, { detail: '太大了' })).toEqual({ is: 'refused', sentence: '太大了' });
  });

  test.each([0, 408, 425, 429, 500, 502, 503])('%s is tried again', status => {
    expect(answer(status, { detail: 'x' }, '7')).toEqual({ is: 'lost', retryAfterMs: 7_000 });
  });

  test('a photo that arrived but cannot be shown needs attention', () => {
    expect(answer(201, { id: 'my-id', status: 'unreadable', detail: '坏了' })).toEqual({
      is: 'refused',
      sentence: '坏了',
    });
  });
});

describe('the waiting time', () => {
  test('doubles up to half a minute and is spread', () => {
    expect([1, 2, 3, 10].map(failures => delayAfter(failures, 0, () => 0.5))).toEqual([1_000, 2_000, 4_000, 30_000]);
    expect(delayAfter(1, 0, () => 0)).toBe(750);
    expect(delayAfter(1, 0, () => 1)).toBe(1_250);
  });

  test.each([
    ['5', 5_000],
    ['0', 0],
    ['-3', 0],
    ['soon', 0],
    [null, 0],
    ['99999', 600_000],
  ] as const)('reads a Retry-After of %s', (header, milliseconds) => expect(retryAfter(header)).toBe(milliseconds));
});
