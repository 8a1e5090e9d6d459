import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { Cancellation } from '../../../lib/cancellation';
import { RelayError } from '../../../lib/errors';
import type { OpenSource } from '../../../lib/images/download';
import { MemoryBudget } from '../../../lib/images/memory-budget';
import { createTransfer } from '../../../lib/images/transfer';
import type { RelayProgress } from '../../../lib/jobs/relay';
import { picture } from '../../support/pictures';

const LIMITS = { stallTimeoutMs: 1000, downloadTimeoutMs: 1000, uploadTimeoutMs: 1000 };
const GONE = new RelayError('source_status', 'Gone.');

function relayBy(openSource: OpenSource) {
  return createTransfer({
    ...LIMITS,
    openSource,
    budget: new MemoryBudget(1000),
    maxImageBytes: 1000,
    upload: () => Promise.reject(new Error('Expected no upload')),
    refresh: () => Promise.reject(new Error('Expected no refresh')),
    refusedAgain: () => GONE,
  });
}

/** Notes where the source's name was said to lead. */
function noting(leads: string[]): RelayProgress {
  return {
    leadsTo: (address, port) => {
      leads.push(`${address} ${port}`);
      return null;
    },
    sourceIsSilent: () => undefined,
    waitsForMemory: () => undefined,
    sourceSends: () => undefined,
    beforeUpload: () => null,
  };
}

describe('a transfer', () => {
  it('tells where the name of its source leads, and not where a redirect does', async () => {
    const leads: string[] = [];
    const relay = relayBy((_url, _cancellation, listener) => {
      expect(listener?.onAddress?.('192.0.2.1', 80)).toBeNull();
      listener?.onAnswer?.();
      expect(listener?.onAddress?.('192.0.2.2', 80)).toBeNull();
      return Promise.reject(GONE);
    });
    const image = { url: 'http://a.example/', clientId: null };
    await expect(relay(image, new Cancellation(), noting(leads))).rejects.toBe(GONE);
    expect(leads).toEqual(['192.0.2.1 80']);
  });

  it('tells nothing of a redirect from a host that a connection was kept to', async () => {
    const leads: string[] = [];
    const relay = relayBy((_url, _cancellation, listener) => {
      listener?.onAnswer?.();
      expect(listener?.onAddress?.('192.0.2.2', 80)).toBeNull();
      return Promise.reject(GONE);
    });
    const image = { url: 'http://a.example/', clientId: null };
    await expect(relay(image, new Cancellation(), noting(leads))).rejects.toBe(GONE);
    expect(leads).toEqual([]);
  });

  describe('that has to wait for its place before the upload', () => {
    /** A picture that is all there, and stays open. */
    const openSource: OpenSource = (url, cancellation) => {
      const body = new PassThrough();
      cancellation.onCancel((reason) => body.destroy(reason));
      body.write(picture('rgb8.png').subarray(0, 500));
      return Promise.resolve({
        body: body as unknown as IncomingMessage,
        announcedBytes: 600,
        url,
      });
    };
    const image = { url: 'http://a.example/', clientId: null };

    it('ends at once where it is cancelled', async () => {
      const cancelled = new Cancellation();
      let isAsked = (): void => undefined;
      const asked = new Promise<void>((resolve) => (isAsked = resolve));
      const progress: RelayProgress = {
        ...noting([]),
        beforeUpload() {
          isAsked();
          return new Promise(() => undefined);
        },
      };
      const relayed = relayBy(openSource)(image, cancelled, progress);
      await asked;
      cancelled.cancel(GONE);
      await expect(relayed).rejects.toBe(GONE);
    });

    it('does not blame its source for that time', async () => {
      let mayUpload = (): void => undefined;
      const progress: RelayProgress = {
        ...noting([]),
        beforeUpload: () => new Promise((resolve) => (mayUpload = resolve)),
      };
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
      try {
        const relayed = relayBy(openSource)(image, new Cancellation(), progress);
        const ended = relayed.catch((error: unknown) => error);
        await new Promise((resolve) => setImmediate(resolve));
        await jest.advanceTimersByTimeAsync(10 * LIMITS.stallTimeoutMs);
        mayUpload();
        // As far as this test lets it go.
        expect(await ended).toMatchObject({ message: 'Expected no upload' });
      } finally {
        jest.useRealTimers();
      }
    });
  });

  it('is not begun once it is cancelled', async () => {
    const cancelled = new Cancellation();
    cancelled.cancel(GONE);
    let isOpened = false;
    const relay = relayBy(() => {
      isOpened = true;
      return Promise.reject(new Error('Expected nothing to be opened'));
    });
    const image = { url: 'http://a.example/', clientId: null };
    await expect(relay(image, cancelled, noting([]))).rejects.toBe(GONE);
    expect(isOpened).toBe(false);
  });
});
