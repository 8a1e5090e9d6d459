import type { Agent } from 'node:http';
import fetch, { type RequestInit, type Response } from 'node-fetch';
import { RelayError } from '../errors';
import { connectionError } from '../net/connection-error';
import { parseLocation } from '../net/source-url';
import { announcedLength, refusalOf } from './source-status';

/** An answer that may hold a picture; its body has not been read yet. */
export interface Source {
  readonly body: NodeJS.ReadableStream;
  /** The length that the source announces in bytes, or null if it does not say. */
  readonly announcedBytes: number | null;
  /** Where the picture was found in the end, after redirects. */
  readonly url: URL;
}

export type OpenSource = (url: URL, signal: AbortSignal) => Promise<Source>;

export interface DownloadParts {
  /** What speaks against going to a URL, judged by its text alone. */
  readonly judgeUrl: (url: URL) => RelayError | null;
  /** The agent that judges the address at connect time. */
  readonly agentFor: (url: URL) => Agent;
  readonly userAgent: string;
  readonly maxImageBytes: number;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Opens a source: follows redirects, judges every hop afresh, and returns the first answer that
 * may hold a picture. Time limits are the caller's, through the signal.
 *
 * Throws a RelayError, or the signal's reason once it is aborted.
 */
export function createDownload(parts: DownloadParts): OpenSource {
  const headers = {
    'User-Agent': parts.userAgent,
    Accept: 'image/*,*/*;q=0.8',
    // Nothing is decompressed here, so nothing compressed is asked for.
    'Accept-Encoding': 'identity',
  };

  return async function openSource(first, signal) {
    let url = first;
    for (let redirects = 0; ; redirects += 1) {
      const refusal = parts.judgeUrl(url) ?? tombstone(url);
      if (refusal) throw refusal;
      const response = await request(url, signal);
      if (!REDIRECTS.has(response.status)) return accept(response, url, signal);
      discard(response);
      if (redirects === MAX_REDIRECTS) {
        throw new RelayError(
          'too_many_redirects',
          `The source redirects more than ${MAX_REDIRECTS} times.`,
        );
      }
      url = target(response, url);
    }
  };

  async function request(url: URL, signal: AbortSignal): Promise<Response> {
    try {
      return await fetch(url.href, {
        agent: parts.agentFor(url),
        compress: false,
        headers,
        redirect: 'manual',
        // node-fetch's types know an older AbortSignal; it takes Node's own.
        signal: signal as RequestInit['signal'] & AbortSignal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw connectionError(error);
    }
  }

  function accept(response: Response, url: URL, signal: AbortSignal): Source {
    signal.throwIfAborted();
    const refusal = refusalOf(response, parts.maxImageBytes);
    if (refusal) {
      discard(response);
      throw refusal;
    }
    // An abort is an error to the body's stream, also when nobody reads it any more.
    response.body.on('error', () => undefined);
    return { body: response.body, announcedBytes: announcedLength(response), url };
  }
}

/** Ends a body that nobody will read, connection and all: what it holds is not worth fetching. */
function discard({ body }: Response): void {
  // Being ended early is an error to the body's stream, and nobody else listens.
  body.on('error', () => undefined);
  // node-fetch's types know less than it gives: its bodies are streams of Node's own.
  (body as unknown as { destroy(): void }).destroy();
}

function target(response: Response, base: URL): URL {
  const location = response.headers.get('location');
  if (location === null || location.trim() === '') {
    throw new RelayError('bad_redirect', 'The source redirects without saying where to.');
  }
  const parsed = parseLocation(location, base);
  if (parsed.ok) return parsed.url;
  throw new RelayError(
    'bad_redirect',
    'The source redirects to something that is not an http or https URL without credentials.',
  );
}

/** What i.imgur.com redirects a removed picture to. Relaying it would be to keep a tombstone. */
function tombstone({ hostname, pathname }: URL): RelayError | null {
  const imgur = hostname === 'imgur.com' || hostname.endsWith('.imgur.com');
  if (!imgur || pathname !== '/removed.png') return null;
  return new RelayError('source_status', 'The picture was removed from Imgur.');
}
