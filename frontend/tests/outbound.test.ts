import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Entries } from '../src/drafts/draft';
import { Lost } from '../src/lib/http';
import { Outbound, type Tools } from '../src/sending/outbound';

const RECEIPT = '<main><h1>收到啦</h1><receipt-keeper data-receipt="7K4M"></receipt-keeper></main>';
const PORTAL = '<main><h1>Free Wi-Fi</h1></main>';
const MISTAKES = '<main><div data-error-summary>…</div></main>';

const answer = (status: number, html = RECEIPT, headers: Record<string, string> = {}) =>
  new Response(html, { status, headers });

const REPORT: Entries = [
  ['id', 'one'],
  ['kind', 'smoke'],
];
const EDITED: Entries = [
  ['id', 'one'],
  ['kind', 'sewage'],
];

/** A server that knows ids and bodies as ours does, behind a line that loses requests or answers. */
function city() {
  const stored = new Map<string, string>();
  return {
    stored,
    post: async (entries: Entries): Promise<Response> => {
      const [id, body] = [Object.fromEntries(entries)['id'] ?? '', JSON.stringify(entries)];
      if (stored.has(id) && stored.get(id) !== body) return answer(409, '<main><p>reused</p></main>');
      stored.set(id, body);
      return answer(201);
    },
  };
}

function outboundOf(tools: Partial<Tools> = {}) {
  const all = {
    post: vi.fn(async (_: Entries) => answer(201)),
    renewToken: vi.fn(async () => undefined),
    body: () => REPORT,
    isGathering: () => false,
    isOnline: () => true,
    remember: vi.fn(async () => undefined),
    changed: vi.fn(),
    received: vi.fn(),
    refused: vi.fn(),
    ...tools,
  };
  return { outbound: new Outbound(all), ...all };
}

const states = (changed: Tools['changed']) => vi.mocked(changed).mock.calls.map(([state]) => state);
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});

describe('sending a report', () => {
  test('gives the receipt and what was sent', async () => {
    const { outbound, received, changed } = outboundOf();
    await outbound.submit();
    expect(states(changed)).toEqual(['sending', 'received']);
    expect(received).toHaveBeenCalledOnce();
    expect(vi.mocked(received).mock.calls[0]?.[1]).toEqual(REPORT);
  });

  test('stores what it is about to send before it sends', async () => {
    const order: string[] = [];
    const { outbound } = outboundOf({
      remember: async (isWanted, attempts) => void order.push(`remember ${isWanted} ${attempts.length}`),
      post: async () => (order.push('post'), answer(201)),
    });
    await outbound.submit();
    expect(order).toEqual(['remember true 1', 'post']);
  });

  test('is in flight only once, however often the button is tapped', async () => {
    const { outbound, post } = outboundOf();
    await Promise.all([outbound.submit(), outbound.submit(), outbound.submit()]);
    outbound.nudge();
    await outbound.submit();
    expect(post).toHaveBeenCalledOnce();
  });

  test('a lost answer leads to one report and one receipt, under the same id', async () => {
    const server = city();
    const post = vi.fn(async (entries: Entries) => {
      const response = await server.post(entries);
      if (post.mock.calls.length === 1) throw new Lost('connection reset');
      return response;
    });
    const { outbound, received, changed } = outboundOf({ post });
    await outbound.submit();
    expect(states(changed)).toEqual(['sending', 'failed']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(received).toHaveBeenCalledOnce();
    expect(server.stored.size).toBe(1);
    expect(post).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(post).toHaveBeenCalledTimes(2);
  });

  test('a change after a lost answer still ends in the receipt of what had arrived', async () => {
    const server = city();
    let isCut = true;
    let body = REPORT;
    const { outbound, received } = outboundOf({
      body: () => body,
      post: async entries => {
        const response = await server.post(entries);
        if (isCut) throw new Lost('cut');
        return response;
      },
    });
    await outbound.submit();
    body = EDITED;
    isCut = false;
    await outbound.submit();
    expect(received).toHaveBeenCalledOnce();
    expect(vi.mocked(received).mock.calls[0]?.[1]).toEqual(REPORT);
    expect(server.stored.size).toBe(1);
  });

  test('a change after a lost request is what is sent', async () => {
    const server = city();
    const post = vi.fn(server.post).mockRejectedValueOnce(new Lost('never left'));
    let body = REPORT;
    const { outbound, received } = outboundOf({ post, body: () => body });
    await outbound.submit();
    body = EDITED;
    await outbound.submit();
    expect(vi.mocked(received).mock.calls[0]?.[1]).toEqual(EDITED);
  });

  test('by itself it repeats what was sent, not what is being typed', async () => {
    const post = vi.fn(async (_: Entries) => answer(201)).mockRejectedValueOnce(new Lost('cut'));
    let body = REPORT;
    const { outbound } = outboundOf({ post, body: () => body });
    await outbound.submit();
    body = EDITED;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(post.mock.calls.map(([entries]) => entries)).toEqual([REPORT, REPORT]);
  });

  test.each([408, 429, 500, 502, 503])('%s is tried again', async status => {
    const post = vi.fn(async (_: Entries) => answer(201)).mockResolvedValueOnce(answer(status));
    const { outbound, received } = outboundOf({ post });
    await outbound.submit();
    expect(received).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(received).toHaveBeenCalledOnce();
  });

  test('the page of a Wi-Fi portal is not a receipt', async () => {
    const { outbound, received } = outboundOf({ post: async () => answer(200, PORTAL) });
    await outbound.submit();
    expect(received).not.toHaveBeenCalled();
    expect(outbound.state).toBe('failed');
  });

  test('mistakes are shown, and the next press sends again', async () => {
    const post = vi.fn(async (_: Entries) => answer(201)).mockResolvedValueOnce(answer(422, MISTAKES));
    const { outbound, refused, received, remember } = outboundOf({ post });
    await outbound.submit();
    expect(refused).toHaveBeenCalledOnce();
    expect(outbound.state).toBe('editing');
    expect(remember).toHaveBeenLastCalledWith(false, []);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(post).toHaveBeenCalledOnce();
    await outbound.submit();
    expect(received).toHaveBeenCalledOnce();
  });

  test('a stale token is renewed once', async () => {
    const post = vi.fn(async (_: Entries) => answer(201)).mockResolvedValueOnce(answer(403));
    const { outbound, received, renewToken } = outboundOf({ post });
    await outbound.submit();
    expect(renewToken).toHaveBeenCalledOnce();
    expect(received).toHaveBeenCalledOnce();
  });

  test('a lasting 403 is told, not repeated for ever', async () => {
    const { outbound, refused, post } = outboundOf({ post: vi.fn(async (_: Entries) => answer(403, MISTAKES)) });
    await outbound.submit();
    expect(post).toHaveBeenCalledTimes(2);
    expect(refused).toHaveBeenCalledOnce();
  });
});

describe('waiting', () => {
  test('for photos: goes as soon as they are there', async () => {
    let isGathering = true;
    const { outbound, post, remember } = outboundOf({ isGathering: () => isGathering });
    await outbound.submit();
    expect(outbound.state).toBe('gathering');
    expect(remember).toHaveBeenLastCalledWith(true, []);
    outbound.nudge();
    await settle();
    expect(post).not.toHaveBeenCalled();
    isGathering = false;
    outbound.nudge();
    await settle();
    expect(post).toHaveBeenCalledOnce();
    expect(outbound.state).toBe('received');
  });

  test('for a photo that comes while the wish is being stored', async () => {
    let isGathering = true;
    let stored = () => undefined as void;
    const { outbound, post } = outboundOf({
      isGathering: () => isGathering,
      remember: vi
        .fn(async () => undefined)
        .mockReturnValueOnce(new Promise(resolve => (stored = () => resolve(undefined)))),
    });
    outbound.resume(true, []);
    isGathering = false;
    outbound.nudge();
    stored();
    await settle();
    expect(post).toHaveBeenCalledOnce();
    expect(outbound.state).toBe('received');
  });

  test('for the network: says that it is stored and goes when it is back', async () => {
    let isOnline = false;
    const post = vi.fn(async (_: Entries) => {
      if (!isOnline) throw new Lost('offline');
      return answer(201);
    });
    const { outbound, received } = outboundOf({ post, isOnline: () => isOnline });
    await outbound.submit();
    expect(outbound.state).toBe('offline');
    isOnline = true;
    outbound.nudge();
    await settle();
    expect(received).toHaveBeenCalledOnce();
  });

  test('nothing is sent that nobody asked to send', async () => {
    const { outbound, post } = outboundOf();
    outbound.nudge();
    outbound.resume(false, []);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(post).not.toHaveBeenCalled();
  });

  test('a killed page is taken up by the next one with the same body', async () => {
    const server = city();
    await server.post(REPORT);
    const post = vi.fn(server.post);
    const { outbound, received } = outboundOf({ post, body: () => EDITED });
    outbound.resume(true, [REPORT]);
    await settle();
    expect(post.mock.calls).toEqual([[REPORT]]);
    expect(received).toHaveBeenCalledOnce();
  });
});
