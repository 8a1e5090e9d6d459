import http, { type Agent, type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { Cancellation } from '../cancellation';
import { addFacts } from '../cause';
import { isRelayError, RelayError } from '../errors';
import { boundChunks } from '../net/bound-chunks';
import { boundInformational, MAX_INFORMATIONAL } from '../net/bound-informational';
import { isReset } from '../net/error-code';
import type { ConnectHooks } from '../net/guarded-connection';
import { maskUrl } from '../net/mask-url';
import type { NetFailure } from '../net/net-error';
import { requestTarget } from '../net/request-target';
import { parseLocation } from '../net/source-url';
import { drain } from './drain';
import { ANSWER, failureError, sourceError } from './source-errors';
import { announcedLength, refusalOf } from './source-status';

/** An answer that may hold a picture; its body has not been read yet. */
export interface Source {
  readonly body: IncomingMessage;
  /** The length that the source announces in bytes, or null if it does not say. */
  readonly announcedBytes: number | null;
  /** Where the picture was found in the end, after redirects. */
  readonly url: URL;
}

export interface SourceListener {
  /** Called for each answer, of redirects too. */
  onAnswer?(): void;
  /**
   * Told where a new connection will lead, of each hop, before it is opened: the address in its
   * usual spelling. What it returns ends the opening as it is.
   */
  onAddress?(address: string, port: number): Error | null;
}

export type OpenSource = (
  url: URL,
  cancellation: Cancellation,
  listener?: SourceListener,
) => Promise<Source>;

interface Answered {
  readonly answer: IncomingMessage;
  /** From now on the cancellation does not concern it. */
  readonly leave: () => void;
}

export interface DownloadParts {
  /** What speaks against going to a URL, judged by its text alone. */
  readonly judgeUrl: (url: URL) => NetFailure | null;
  /** The agent that judges the address at connect time. */
  readonly agentFor: (url: URL) => Agent;
  readonly userAgent: string;
  readonly maxImageBytes: number;
}

const MAX_REDIRECTS = 5;
/**
 * What Imgur takes goes first. WebP is not refused by a `q=0`, as some servers read its mere name as
 * a wish for it.
 */
const ACCEPT = 'image/jpeg,image/png,image/gif,image/tiff;q=0.9,image/bmp;q=0.9,*/*;q=0.1';
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Opens a source: follows redirects, judges every hop afresh, and returns the first answer that
 * may hold a picture. Time limits are the caller's, through the cancellation, which ends the body
 * as well.
 *
 * By `node:http` and not by node-fetch 2, which hangs on a body that ends before its announced length,
 * loses a whole body that has bytes behind its end, and takes 1.5 times the CPU.
 *
 * Throws a RelayError, or the reason of the cancellation.
 */
export function createDownload(parts: DownloadParts): OpenSource {
  const ownHeaders = [
    ...['User-Agent', parts.userAgent],
    ...['Accept', ACCEPT],
    // Nothing is decompressed here, so nothing compressed is asked for.
    ...['Accept-Encoding', 'identity'],
  ];

  return async function openSource(first, cancellation, listener = {}) {
    let url = first;
    let redirects = 0;
    try {
      for (; ; redirects += 1) {
        const refusal = parts.judgeUrl(url);
        if (refusal) throw failureError(refusal);
        if (isTombstone(url)) throw ANSWER.removed();
        const { answer, leave } = await request(url, cancellation, listener);
        listener.onAnswer?.();
        const isRedirect = REDIRECTS.has(answer.statusCode ?? 0);
        const unwanted = isRedirect ? null : refusalOf(answer, parts.maxImageBytes);
        if (!isRedirect && !unwanted) {
          return { body: answer, announcedBytes: announcedLength(answer), url };
        }
        leave();
        await drain(answer);
        if (unwanted) throw unwanted;
        if (redirects === MAX_REDIRECTS) throw ANSWER.tooManyRedirects(MAX_REDIRECTS);
        url = target(answer, url);
      }
    } catch (error) {
      // The reason of a cancellation is that of others too.
      const isOwn = isRelayError(error) && error !== cancellation.reason;
      throw isOwn && redirects > 0 ? addFacts(error, { redirectedTo: maskUrl(url.href) }) : error;
    }
  };

  function request(
    url: URL,
    cancellation: Cancellation,
    listener: SourceListener,
  ): Promise<Answered> {
    return new Promise((resolve, reject) => {
      cancellation.throwIfCancelled();
      let isLeft = false;
      let answer: IncomingMessage | null = null;
      let unwanted: Error | null = null;
      const options: RequestOptions & ConnectHooks = {
        ...requestTarget(url),
        agent: parts.agentFor(url),
        headers: ['Host', url.host, ...ownHeaders],
        cancellation,
        onAddress: (address, port) => (unwanted = listener.onAddress?.(address, port) ?? null),
      };
      const sent = (url.protocol === 'https:' ? https : http).request(options);
      cancellation.onCancel((reason) => {
        if (isLeft) return;
        (answer ?? sent).destroy(reason);
        reject(reason);
      });
      boundInformational(sent, () => {
        reject(ANSWER.onlyInformational(MAX_INFORMATIONAL));
        sent.destroy();
      });
      sent.on('response', (received) => {
        answer = received;
        boundChunks(received);
        // To be aborted or cut off is an error to the answer, also when nobody reads it any more.
        received.on('error', () => undefined);
        resolve({ answer: received, leave: () => void (isLeft = true) });
      });
      sent.on('error', (error) => {
        if (error === unwanted) {
          reject(error);
          return;
        }
        const failed = sourceError(error, sent.socket);
        // Bytes behind the announced ones end the request, but the answer before them is whole.
        if (answer) {
          if (!answer.complete) answer.destroy(failed);
        } else if (sent.reusedSocket && isReset(error)) {
          // It was closed while it idled. To ask again is safe (RFC 9110, section 9.2.2), and ends:
          // each time takes one connection that had served a request.
          resolve(request(url, cancellation, listener));
        } else if (sent.reusedSocket && failed.code === 'bad_response') {
          // What could not be read may well be the rest of the answer before this one.
          const { code, message, cause } = failed;
          reject(new RelayError(code, message, { retryable: true, cause }));
        } else {
          reject(failed);
        }
      });
      // All that Node says of a connection that ends with status 101 (`upgrade`).
      sent.once('close', () => {
        if (!answer) reject(ANSWER.notForAFile());
      });
      sent.end();
    });
  }
}

function target({ headers: { location = '' } }: IncomingMessage, base: URL): URL {
  if (location.trim() === '') throw ANSWER.redirectsNowhere();
  const parsed = parseLocation(location, base);
  if (parsed.ok) return parsed.url;
  throw ANSWER.redirectsElsewhere();
}

/** What i.imgur.com redirects a removed picture to. Relaying it would be to keep a tombstone. */
function isTombstone({ hostname, pathname }: URL): boolean {
  return (
    pathname === '/removed.png' && (hostname === 'imgur.com' || hostname.endsWith('.imgur.com'))
  );
}
