import type { IncomingHttpHeaders } from 'node:http';

/**
 * How long an answer asks to wait, in milliseconds, 0 for a time that is over; null if it does not
 * say (`Retry-After`: RFC 9110, section 10.2.3).
 *
 * @param clock Unix time in milliseconds, for answers without a `Date`.
 */
export function retryAfterMs(headers: IncomingHttpHeaders, clock = Date.now()): number | null {
  const text = headers['retry-after']?.trim() ?? '';
  // Longer numbers are no time; some servers send fractions.
  if (/^\d{1,15}(?:\.\d{1,9})?$/.test(text)) return Number(text) * 1000;
  const date = httpDate(text);
  return date === null ? null : Math.max(0, date - answeredAt(headers, clock));
}

/**
 * The time of an answer by its own `Date` (section 6.6.1), Unix time in milliseconds: other times in
 * it are of the same clock, and ours may be hours off.
 *
 * @param clock what stands for it where there is none.
 */
export function answeredAt(headers: IncomingHttpHeaders, clock = Date.now()): number {
  return httpDate(headers.date?.trim() ?? '') ?? clock;
}

/** Unix time in milliseconds, or null for what is no date of HTTP (section 5.6.7). */
function httpDate(text: string): number | null {
  // Anything else is not handed to Date.parse, which takes much for a date that is none.
  if (!/^[A-Za-z]{3,9}, .{1,30} GMT$/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
