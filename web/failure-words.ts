import type { ReasonCode } from '../lib/errors';
import type { Image } from './api';
import { byteWords, clockWords } from './figures-in-words';

type Failure = NonNullable<Image['error']>;

const WORDS: Readonly<Partial<Record<ReasonCode, string>>> = {
  blocked_address: 'not a public address',
  blocked_port: 'a port that is not open',
  dns_failed: 'no such host',
  connection_failed: 'no connection',
  tls_error: 'no secure connection',
  download_timeout: 'too slow',
  too_many_redirects: 'too many redirects',
  bad_redirect: 'a broken redirect',
  bad_response: 'a broken answer',
  bad_encoding: 'a compressed answer',
  empty: 'empty',
  truncated: 'broken off',
  too_large: 'too large',
  not_an_image: 'not a picture',
  unsupported_image: 'a type that Imgur does not take',
  imgur_rejected: 'refused by Imgur',
  imgur_auth: 'Imgur’s key refused',
  imgur_forbidden: 'blocked by Imgur',
  imgur_rate_limited: 'Imgur’s limit reached',
  imgur_unavailable: 'Imgur not available',
  imgur_timeout: 'Imgur too slow',
  imgur_bad_response: 'no link from Imgur',
  cancelled: 'cancelled',
  shutdown: 'the service was stopped',
  internal: 'an error of the service',
};
const STATUS: Readonly<Record<string, string>> = {
  '401': 'needs a login',
  '403': 'not allowed',
  '404': 'not found',
  '410': 'gone',
  '429': 'too many requests',
};
const ISO_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/;

/** Why an image failed, in a few words that are the same for all that failed alike. */
export function shortReason({ code, message }: Failure): string {
  if (code !== 'source_status') return WORDS[code] ?? code.replaceAll('_', ' ');
  const status = /\b[1-5]\d\d\b/.exec(message)?.[0];
  if (status === undefined) return 'removed';
  return `${STATUS[status] ?? (status.startsWith('5') ? 'an error there' : 'no picture')}, ${status}`;
}

/** The service's sentence for people: times of the clock, sizes with units, no codes of systems. */
export function reasonWords({ message }: Failure, now = new Date()): string {
  return message
    .replace(/ \((?:E[A-Z0-9_]+|[A-Z]+(?:_[A-Z0-9]+)+|(?:HTTP|status) \d+|undefined)\)/g, '')
    .replace(new RegExp(ISO_TIME, 'g'), (iso) => clockWords(new Date(iso), now))
    .replace(
      /(\d+) of the (\d+) bytes/g,
      (_all, some: string, all: string) => `${byteWords(+some)} of the ${byteWords(+all)}`,
    )
    .replace(
      /(\d+) bytes|(?<=at most )(\d+)(?= are allowed)/g,
      (_all, one?: string, most?: string) => byteWords(Number(one ?? most)),
    )
    .replace(/\d+(?= pixels)|(?<=at most )\d+(?= are converted)/g, (count) =>
      Number(count).toLocaleString(),
    );
}

export interface FailureGroup {
  readonly reason: string;
  readonly count: number;
}

/** How many failed for which reason, the most frequent first. */
export function groupFailures(images: readonly Image[]): FailureGroup[] {
  const counts = new Map<string, number>();
  for (const { error } of images) {
    if (error === null) continue;
    const reason = shortReason(error);
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts]
    .map(([reason, count]) => ({ reason, count }))
    .sort((a, b) => b.count - a.count);
}

/** Until when Imgur takes nothing, if that is why images failed and it lies ahead. */
export function imgurShutUntil(images: readonly Image[], now = Date.now()): Date | null {
  const ends = images.flatMap(({ error }) => {
    if (error?.code !== 'imgur_rate_limited') return [];
    const iso = ISO_TIME.exec(error.message.replace(/^.* since .*$/, ''))?.[0];
    return iso === undefined ? [] : Date.parse(iso);
  });
  const last = Math.max(0, ...ends);
  return last > now ? new Date(last) : null;
}
