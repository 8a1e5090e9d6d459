import type { IncomingHttpHeaders } from 'node:http';
import { answeredAt, retryAfterMs } from '../retry-after';

/** Imgur's answers take about a kilobyte; nothing beyond this is looked at. In bytes. */
const MAX_REPLY_BYTES = 65_536;

interface ReplyText {
  text: string;
  /** Whether it ended by itself or at the limit, rather than with the connection. */
  complete: boolean;
}

/**
 * Reads the body of an answer up to a limit. Never rejects: of an answer that breaks off, what has
 * arrived can still tell why, and the status counts anyway.
 */
export function readReply(body: NodeJS.ReadableStream): Promise<ReplyText> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (complete: boolean): void => {
      const text = Buffer.concat(chunks).toString('utf8', 0, Math.min(bytes, MAX_REPLY_BYTES));
      resolve({ text, complete });
    };
    body.on('data', (chunk: Buffer) => {
      if (bytes >= MAX_REPLY_BYTES) return;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes < MAX_REPLY_BYTES) return;
      body.pause();
      finish(true);
    });
    body.once('end', () => finish(true));
    body.on('error', () => finish(false));
    body.once('close', () => finish(false));
  });
}

/** A property of anything that was parsed from JSON; undefined where there is none. */
export function field(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string | number, unknown>)[key];
}

/**
 * The first JSON object or array of a text, which may be followed by more: Imgur has been seen to
 * answer with two documents on consecutive lines. Undefined for any other text. Never throws.
 */
export function firstJson(text: string): unknown {
  const start = text.trimStart();
  if (!/^[[{]/.test(start)) return undefined;
  return parse(start) ?? parse(start.slice(0, endOfFirst(start)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Where the first object or array ends: behind the bracket that closes the one it begins with. */
function endOfFirst(text: string): number {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (quoted) {
      if (char === '\\') at += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') {
      quoted = true;
    } else if (char === '{' || char === '[') {
      depth += 1;
    } else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

/** What a body that is not JSON says: the title of an HTML page, or else the text itself. */
export function wordsOf(text: string): string {
  const title = /<title[^>]{0,200}>([^<]{1,500})/i.exec(text)?.[1];
  if (title !== undefined) return title;
  // A page without a title says nothing that fits into a sentence, and cut JSON even less.
  return /^\s*[<[{]/.test(text) ? '' : text;
}

interface RateState {
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
 */
export function readRateHeaders(headers: IncomingHttpHeaders): RateState {
  const limits = [
    {
      remaining: count(read(headers, 'x-ratelimit-userremaining')),
      resetMs: () => userReset(headers),
    },
    { remaining: count(read(headers, 'x-ratelimit-clientremaining')), resetMs: () => null },
    {
      remaining: count(read(headers, 'x-post-rate-limit-remaining')),
      resetMs: () => secondsLeft(read(headers, 'x-post-rate-limit-reset')),
    },
  ];
  const known = limits.flatMap(({ remaining }) => (remaining === null ? [] : [remaining]));
  const usedUp = limits.filter(({ remaining }) => remaining === 0);
  const asked = plausibleWait(retryAfterMs(headers) ?? 0);
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

function userReset(headers: IncomingHttpHeaders): number | null {
  const reset = seconds(read(headers, 'x-ratelimit-userreset'));
  if (reset === null) return null;
  const isTime = reset > UNIX_TIME_FROM;
  return plausibleWait(reset * 1000 - (isTime ? answeredAt(headers) : 0));
}
