import type { Agent, IncomingMessage } from 'node:http';
import fetch, { type RequestInit } from 'node-fetch';
import { RelayError } from '../errors';
import { connectionError } from '../net/connection-error';
import { parseLocation } from '../net/source-url';
import { handOver } from './hand-over';
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
  const requestHeaders = {
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
      const answer = await request(url, signal);
      if (!REDIRECTS.has(answer.status)) return accept(answer, url, signal);
      answer.body.destroy();
      if (redirects === MAX_REDIRECTS) {
        throw new RelayError(
          'too_many_redirects',
          `The source redirects more than ${MAX_REDIRECTS} times.`,
        );
      }
      url = target(answer, url);
    }
  };

  async function request(url: URL, signal: AbortSignal): Promise<Answer> {
    let body: IncomingMessage | undefined;
    try {
      const { status, headers } = await fetch(url.href, {
        agent: handOver(parts.agentFor(url), (answer) => (body = answer)),
        compress: false,
        headers: requestHeaders,
        redirect: 'manual',
        // node-fetch's types know an older AbortSignal; it takes Node's own.
        signal: signal as RequestInit['signal'] & AbortSignal,
      });
      if (!body) throw new Error('Expected the agent to hand over the answer');
      return { status, headers, body };
    } catch (error) {
      signal.throwIfAborted();
      throw connectionError(error);
    }
  }

  function accept(answer: Answer, url: URL, signal: AbortSignal): Source {
    signal.throwIfAborted();
    const refusal = refusalOf(answer, parts.maxImageBytes);
    if (refusal) {
      // Connection and all: what it holds is not worth fetching.
      answer.body.destroy();
      throw refusal;
    }
    return { body: answer.body, announcedBytes: announcedLength(answer), url };
  }
}

interface Answer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: IncomingMessage;
}

function target({ body }: Answer, base: URL): URL {
  // As it was sent: node-fetch 2 puts what it made of it into its own headers.
  const { location = '' } = body.headers;
  if (location.trim() === '') {
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
