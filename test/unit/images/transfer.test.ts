import { Cancellation } from '../../../lib/cancellation';
import { RelayError } from '../../../lib/errors';
import type { OpenSource } from '../../../lib/images/download';
import { createTransfer } from '../../../lib/images/transfer';
import type { RelayProgress } from '../../../lib/jobs/relay';

const LIMITS = { stallTimeoutMs: 1000, downloadTimeoutMs: 1000, uploadTimeoutMs: 1000 };
const GONE = new RelayError('source_status', 'Gone.');

function relayBy(openSource: OpenSource) {
  return createTransfer({
    ...LIMITS,
    openSource,
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
