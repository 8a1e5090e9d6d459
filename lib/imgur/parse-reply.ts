import type { IncomingHttpHeaders } from 'node:http';
import { plainText } from '../plain-text';
import { field, firstJson, plausibleWait, readRateHeaders, wordsOf } from './read-reply';

/**
 * What a refusal means for the image and for the uploads after it:
 * - `rejected`, `too_large`: this image, for good
 * - `auth`: the credential, for good
 * - `bad_client_id`: the same, but also seen now and then with a right one
 * - `token_refused`: the access token; a refresh may help
 * - `forbidden`: the address, region or account, for good
 * - `rate_limited`: all uploads of this credential, for a while
 * - `unavailable`, `flaky`: passing; `flaky` deserves fewer tries
 * - `bad_response`: no answer that could be understood
 */
export type Verdict =
  | 'rejected'
  | 'too_large'
  | 'auth'
  | 'bad_client_id'
  | 'token_refused'
  | 'forbidden'
  | 'rate_limited'
  | 'unavailable'
  | 'flaky'
  | 'bad_response';

export interface ImgurFailure {
  kind: 'failure';
  /** The body's own status or code where that is an error, else the status of HTTP. */
  status: number;
  /** Imgur's own words as one line of plain text, at most 200 characters, never empty. */
  message: string;
  verdict: Verdict;
  /** For `rate_limited` and `unavailable`: how long to wait in milliseconds, if Imgur says so. */
  waitMs: number | null;
}

interface ImgurSuccess {
  kind: 'success';
  link: string;
  id: string | null;
  deletehash: string | null;
}

type ImgurReply = ImgurSuccess | ImgurFailure;

const MAX_MESSAGE = 200;
/** Longer links are no links of Imgur's, and every link is kept. In characters. */
const MAX_LINK = 2048;

/** Imgur's words say more than its statuses, which disagree with them; the first match counts. */
const WORDS: readonly (readonly [RegExp, Verdict])[] = [
  [/too fast|over capacity|rate.?limit|requests exceeded|too many requests|quota/i, 'rate_limited'],
  [/wait \d+ (?:more )?(?:second|minute|hour|day)/i, 'rate_limited'],
  [/access token.{0,40}(?:invalid|expired)/i, 'token_refused'],
  [/invalid client.?id/i, 'bad_client_id'],
  [/malformed auth|authentication required|invalid refresh token/i, 'auth'],
  [/over the size limit|(?:file|image|entity) (?:is )?too (?:large|big)/i, 'too_large'],
  [/internal expectation failed/i, 'flaky'],
  [/\bforbidden\b/i, 'forbidden'],
];

/**
 * Reads any answer to an upload: both of Imgur's back ends, the HTML of the CDN before them, and
 * whatever else arrives. Never throws.
 *
 * `data.error` may be a string, an object or stringified JSON; `errors[]` is the newer form; of
 * several concatenated documents the first counts.
 *
 * @param status the status of HTTP.
 */
export function parseImgurReply(
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
): ImgurReply {
  const document = firstJson(body);
  const said = readError(document);
  const data = field(document, 'data');
  const isOk = status >= 200 && status < 300;

  if (isOk && said.statuses.length === 0 && field(document, 'success') !== false) {
    const link = imageLink(field(data, 'link'));
    if (link !== null) {
      const id = identifier(field(data, 'id'));
      const deletehash = identifier(field(data, 'deletehash'));
      return { kind: 'success', link, id, deletehash };
    }
  }

  const effective = effectiveStatus([...said.statuses, status]);
  const isTooLarge = status === 413 || said.statuses.includes(413);
  // The title of a page speaks for an error; of a page that came with a 200 it says nothing.
  const words = said.message ?? (document === undefined && !isOk ? wordsOf(body) : '');
  const verdict = judge(effective, isTooLarge, words);
  const message =
    plainText(words || wordsOf(body), MAX_MESSAGE) || (isOk ? 'no link' : `HTTP ${effective}`);
  const isPassing = verdict === 'rate_limited' || verdict === 'unavailable';
  const waitMs = isPassing ? (waitIn(message) ?? readRateHeaders(headers).waitMs) : null;
  return { kind: 'failure', status: effective, message, verdict, waitMs };
}

function judge(status: number, isTooLarge: boolean, words: string): Verdict {
  if (status === 429) return 'rate_limited';
  if (status >= 500 && status < 600) return 'unavailable';
  const spoken = WORDS.find(([pattern]) => pattern.test(words.slice(0, 4000)));
  if (spoken) return spoken[1];
  if (isTooLarge) return 'too_large';
  if (status === 401) return 'auth';
  if (status === 403) return 'forbidden';
  if (status === 417) return 'flaky';
  // A request time-out is passing by its definition (RFC 9110, section 15.5.9).
  if (status === 408) return 'unavailable';
  return status >= 400 && status < 500 ? 'rejected' : 'bad_response';
}

/** Statuses in order of trust. A 429 counts wherever it stands: to go on would make it worse. */
function effectiveStatus(statuses: readonly number[]): number {
  if (statuses.includes(429)) return 429;
  return statuses.find(isErrorStatus) ?? statuses.at(-1) ?? 0;
}

function isErrorStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 400 && status < 600;
}

/** What a document says about an error: its words, and the statuses and codes that are errors. */
function readError(document: unknown): { message: string | null; statuses: number[] } {
  const raw = field(field(document, 'data'), 'error') ?? field(document, 'error');
  const error = typeof raw === 'string' ? (firstJson(raw) ?? raw) : raw;
  const first = field(field(document, 'errors'), 0);
  const words = [
    error,
    field(error, 'message'),
    field(error, 'detail'),
    first,
    field(first, 'detail'),
    field(first, 'message'),
    field(first, 'status'),
    field(document, 'message'),
  ];
  const codes = [
    field(error, 'code'),
    field(error, 'status'),
    field(first, 'code'),
    field(first, 'status'),
    field(document, 'status'),
  ];
  return {
    message: words.find((word): word is string => typeof word === 'string' && word !== '') ?? null,
    statuses: codes.map(toStatus).filter(isErrorStatus),
  };
}

function toStatus(code: unknown): number {
  if (typeof code === 'string' && /^\d{3}$/.test(code)) return Number(code);
  return typeof code === 'number' ? code : NaN;
}

function identifier(value: unknown): string | null {
  return typeof value === 'string' && /^[\w-]{1,64}$/.test(value) ? value : null;
}

/**
 * The link of an uploaded image as it is handed out, or null if it is none.
 *
 * Old answers have http links: those of imgur.com are upgraded. Any other host keeps its scheme,
 * since a stand-in on localhost speaks http alone. A trailing dot is what Imgur leaves of the
 * extension when it did not know the type.
 */
function imageLink(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > MAX_LINK) return null;
  const text = value.trim().replace(/\.+$/, '');
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return null;
  if (/^(?:.+\.)?imgur\.com$/.test(url.hostname)) url.protocol = 'https:';
  return url.href.length > MAX_LINK ? null : url.href;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** The wait in "Please wait 59 more minutes." in milliseconds. */
function waitIn(message: string): number | null {
  const match = /(?:wait|again in)\D{1,20}(\d{1,6}) (?:more )?(second|minute|hour|day)/i.exec(
    message,
  );
  if (!match) return null;
  return plausibleWait(Number(match[1]) * (UNIT_MS[(match[2] ?? '').toLowerCase()] ?? 0));
}
