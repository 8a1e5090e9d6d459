import type { IncomingHttpHeaders } from 'node:http';
import { answeredAt, retryAfterMs } from '../retry-after';

export interface RateState {
  /** Whether a limit says that nothing is left. */
  exhausted: boolean;
  /** Milliseconds until uploads may go on, above 0; null if the headers do not say. */
  waitMs: number | null;
  /** Uploads left under the tightest limit; null if the headers do not say. */
  remaining: number | null;
}

/** Imgur's longest block lasts to the end of the month; whatever is longer is no wait. */
const LONGEST_WAIT_MS = 31 * 24 * 3_600_000;
/** A reset over this is a Unix time in seconds, below it is the number of seconds left. */
const UNIX_TIME_FROM = 1e9;

/** A wait that can be true, or null: above 0 and no longer than a month. In milliseconds. */
export function plausibleWait(ms: number): number | null {
  return ms > 0 && ms <= LONGEST_WAIT_MS ? Math.ceil(ms) : null;
}

/**
 * Reads Imgur's rate limit headers (https://apidocs.imgur.com, "Rate Limits") and `Retry-After`. A
 * reset counts only for a limit that is used up: refusals come while plenty is left too, and then
 * the reset says nothing about them. What makes no sense is ignored.
 *
 * @param clock Unix time in milliseconds, for answers without a `Date`.
 */
export function readRateHeaders(headers: IncomingHttpHeaders, clock = Date.now()): RateState {
  const limits = [
    {
      remaining: count(read(headers, 'x-ratelimit-userremaining')),
      resetMs: () => userReset(headers, clock),
    },
    { remaining: count(read(headers, 'x-ratelimit-clientremaining')), resetMs: () => null },
    {
      remaining: count(read(headers, 'x-post-rate-limit-remaining')),
      resetMs: () => secondsLeft(read(headers, 'x-post-rate-limit-reset')),
    },
  ];
  const known = limits.flatMap(({ remaining }) => (remaining === null ? [] : [remaining]));
  const usedUp = limits.filter(({ remaining }) => remaining === 0);
  const asked = plausibleWait(retryAfterMs(headers, clock) ?? 0);
  const waits = [asked, ...usedUp.map((limit) => limit.resetMs())];
  const longest = Math.max(0, ...waits.map((wait) => wait ?? 0));
  return {
    exhausted: usedUp.length > 0,
    waitMs: longest > 0 ? longest : null,
    remaining: known.length > 0 ? Math.min(...known) : null,
  };
}

/** @param name in lower case, as Node gives them. */
function read(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value.trim() : '';
}

/** Some counters go below 0 for those who went over. */
function count(text: string): number | null {
  const match = /^(-?)(\d{1,9})$/.exec(text);
  if (!match) return null;
  return match[1] === '-' ? 0 : Number(match[2]);
}

function seconds(text: string): number | null {
  return /^\d{1,15}(?:\.\d{1,9})?$/.test(text) ? Number(text) : null;
}

function secondsLeft(text: string): number | null {
  const left = seconds(text);
  return left === null ? null : plausibleWait(left * 1000);
}

function userReset(headers: IncomingHttpHeaders, clock: number): number | null {
  const reset = seconds(read(headers, 'x-ratelimit-userreset'));
  if (reset === null) return null;
  const isTime = reset > UNIX_TIME_FROM;
  return plausibleWait(reset * 1000 - (isTime ? answeredAt(headers, clock) : 0));
}
