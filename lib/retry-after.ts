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
 * The time of an answer by its own `Date` (section 6.6.1), Unix time in milliseconds. Other times
 * in the answer are of the same clock, and our clock may be hours off.
 *
 * @param clock the time to take if the answer has no `Date`.
 */
export function answeredAt(headers: IncomingHttpHeaders, clock = Date.now()): number {
  return httpDate(headers.date?.trim() ?? '') ?? clock;
}

/** Unix time in milliseconds, or null for what is no date of HTTP (section 5.6.7). */
function httpDate(text: string): number | null {
  // Date.parse takes many texts for dates that are none, so it gets only what looks like one.
  if (!/^[A-Za-z]{3,9}, .{1,30} GMT$/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
