import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { Cancellation } from '../../../lib/cancellation';
import { RelayError } from '../../../lib/errors';
import type { OpenSource } from '../../../lib/images/download';
import { MemoryBudget } from '../../../lib/images/memory-budget';
import { createRelay } from '../../../lib/images/relay';
import type { Outcome, RelayProgress } from '../../../lib/jobs/relay';
import { picture } from '../../support/pictures';

const LIMITS = { stallTimeoutMs: 1000, downloadTimeoutMs: 1000, uploadTimeoutMs: 1000 };
const GONE = new RelayError('source_status', 'Gone.');
const NO_UPLOAD = new Error('Expected no upload');
const FAILED = { kind: 'failed', error: GONE };

function relayBy(openSource: OpenSource) {
  return createRelay({
    ...LIMITS,
    openSource,
    budget: new MemoryBudget(1000),
    maxImageBytes: 1000,
    upload: () => Promise.reject(NO_UPLOAD),
    persist: (attempt) => attempt() as Promise<Outcome>,
  });
}

/** Notes where the source's name was said to lead. */
function noting(leads: string[]): RelayProgress {
  return {
    leadsTo: (address, port) => {
      leads.push(`${address} ${port}`);
      return true;
    },
    sourceIsSilent: () => undefined,
    waitsForMemory: () => undefined,
    sourceIsDone: () => undefined,
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
    expect(await relay(image, new Cancellation(), noting(leads))).toEqual(FAILED);
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
    expect(await relay(image, new Cancellation(), noting(leads))).toEqual(FAILED);
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
      expect(await relayed).toEqual(FAILED);
    });

    it('does not blame its source for that time', async () => {
      let mayUpload = (): void => undefined;
      const progress: RelayProgress = {
        ...noting([]),
        beforeUpload: () => new Promise((resolve) => (mayUpload = () => resolve(null))),
      };
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
      try {
        const ended = relayBy(openSource)(image, new Cancellation(), progress);
        await new Promise((resolve) => setImmediate(resolve));
        await jest.advanceTimersByTimeAsync(10 * LIMITS.stallTimeoutMs);
        mayUpload();
        // As far as this test lets it go.
        expect(await ended).toMatchObject({ error: { code: 'internal', cause: NO_UPLOAD } });
      } finally {
        jest.useRealTimers();
      }
    });
  });

  it('is put back where too much is under way from where its source leads', async () => {
    const relay = relayBy((_url, _cancellation, listener) =>
      Promise.reject(listener?.onAddress?.('192.0.2.1', 80) ?? GONE),
    );
    const progress = { ...noting([]), leadsTo: () => false };
    const image = { url: 'http://a.example/', clientId: null };
    expect(await relay(image, new Cancellation(), progress)).toEqual({ kind: 'put_back' });
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
    expect(await relay(image, cancelled, noting([]))).toEqual(FAILED);
    expect(isOpened).toBe(false);
  });
});
