import type { Agent } from 'node:http';
import fetch, { type RequestInit } from 'node-fetch';
import type { Logger } from '../logger';
import { codeOf } from '../net/error-code';

export interface ReachabilityParts {
  /** Base of Imgur's API without a trailing slash. */
  apiUrl: string;
  agent: Agent;
  userAgent: string;
  log: Logger;
  /** The limit of one look, in milliseconds. */
  timeoutMs?: number;
  /** Milliseconds of a clock that is never set. */
  now?: () => number;
}

/** Says why Imgur cannot be reached, as one sentence; null if it can. */
export type Reachability = () => Promise<string | null>;

/** Probes come every few seconds, and are given up after a few. */
const TIMEOUT_MS = 3000;
/** How long a look counts. One that failed counts less long, so that the way back is seen. */
const GOOD_FOR_MS = 60_000;
const BAD_FOR_MS = 10_000;

/**
 * Looks whether Imgur's API answers, when asked and then rarely, however often it is asked. Brings
 * no credential: any answer but one of a failing server will do, and costs no upload.
 */
export function createReachability(parts: ReachabilityParts): Reachability {
  const { apiUrl, agent, userAgent, log, timeoutMs = TIMEOUT_MS } = parts;
  const { now = () => performance.now() } = parts;
  let reason: string | null = null;
  let goodUntil = -Infinity;
  let looking: Promise<void> | null = null;

  return async () => {
    if (now() >= goodUntil) await (looking ??= look());
    return reason;
  };

  async function look(): Promise<void> {
    const before = reason;
    reason = await ask();
    goodUntil = now() + (reason === null ? GOOD_FOR_MS : BAD_FOR_MS);
    looking = null;
    if (reason !== null && before === null) log.warn(reason);
    if (reason === null && before !== null) log.info('Imgur can be reached again');
  }

  async function ask(): Promise<string | null> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const { status, body } = await fetch(`${apiUrl}/3/credits`, {
        headers: { Accept: 'application/json', 'User-Agent': userAgent },
        agent,
        redirect: 'manual',
        compress: false,
        signal: signal as NonNullable<RequestInit['signal']>,
      });
      body.on('error', () => undefined).resume();
      return status < 500 ? null : `Imgur fails: it answers with status ${status}.`;
    } catch (error) {
      const why = signal.aborted
        ? `no answer within ${timeoutMs / 1000} s`
        : (codeOf(error) ?? 'no connection');
      return `Imgur cannot be reached: ${why}.`;
    }
  }
}
