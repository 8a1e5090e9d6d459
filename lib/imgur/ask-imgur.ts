import type { Agent } from 'node:http';
import fetch, { type RequestInit } from 'node-fetch';
import { RelayError } from '../errors';
import { readReply } from './read-reply';

export interface ImgurAddress {
  /** Base of Imgur's API without a trailing slash. */
  apiUrl: string;
  agent: Agent;
  /** Sent to Imgur as the User-Agent. */
  userAgent: string;
  /** The limit of one call, in milliseconds. */
  timeoutMs: number;
}

interface Call {
  readonly method: 'DELETE' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
}

/** What a call was for, as the ends of two sentences. */
interface Purpose {
  /** Behind "Imgur took more than 10 s". */
  readonly late: string;
  /** Behind "The connection to Imgur failed". */
  readonly lost: string;
}

/**
 * Makes a call that brings no picture, and reads the whole answer.
 *
 * @throws {RelayError} `imgur_timeout` or `imgur_unavailable`.
 */
export async function askImgur(
  { apiUrl, agent, userAgent, timeoutMs }: ImgurAddress,
  path: string,
  { headers, ...init }: Call,
  purpose: Purpose = { late: '', lost: '' },
) {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(apiUrl + path, {
      ...init,
      headers: { Accept: 'application/json', 'User-Agent': userAgent, ...headers },
      agent,
      redirect: 'manual',
      compress: false,
      signal: signal as NonNullable<RequestInit['signal']>,
    });
    const { text } = await readReply(response.body);
    signal.throwIfAborted();
    return { status: response.status, headers: Object.fromEntries(response.headers), text };
  } catch (cause) {
    if (signal.aborted) {
      const message = `Imgur took more than ${timeoutMs / 1000} s${purpose.late}.`;
      throw new RelayError('imgur_timeout', message, { cause });
    }
    const message = `The connection to Imgur failed${purpose.lost}.`;
    throw new RelayError('imgur_unavailable', message, { cause });
  }
}
