import type { Socket } from 'node:net';
import { addFacts } from '../cause';
import { isRelayError, RelayError, type ReasonCode, type RelayErrorOptions } from '../errors';
import {
  isNetError,
  netFailureOf,
  type NetFacts,
  type NetFailure,
  type NetProblem,
} from '../net/net-error';

/** All that clients are told of sources: first of the way to one, below of what it sends. */
const ON_THE_WAY: Record<
  NetProblem,
  readonly [
    code: ReasonCode,
    message: string | ((facts: NetFacts) => string),
    options?: RelayErrorOptions,
  ]
> = {
  not_public: [
    'blocked_address',
    "The source's address is not a public one, so it is not fetched.",
  ],
  own_address: ['blocked_address', 'The source leads back to this service, so it is not fetched.'],
  local_name: ['blocked_address', "The source's name is a local one, so it is not fetched."],
  closed_port: [
    'blocked_port',
    ({ port, allowedPorts = [] }) =>
      `Port ${port} is not open for downloads; allowed are ${allowedPorts.join(', ')}.`,
  ],
  no_address: [
    'dns_failed',
    ({ hostname }) =>
      hostname === undefined
        ? "The source's name has no address."
        : `The name "${hostname}" has no address.`,
    { maxAttempts: 2 },
  ],
  dns_silent: [
    'dns_failed',
    ({ hostname }) => `The name servers gave no answer for "${hostname}".`,
    { maxAttempts: 2 },
  ],
  connect_timeout: [
    'download_timeout',
    ({ timeoutMs = 0 }) => `The source did not accept a connection within ${seconds(timeoutMs)}.`,
  ],
  host_silent: ['download_timeout', 'The source did not answer in time.'],
  refused: ['connection_failed', 'The source refused the connection.'],
  unreachable: ['connection_failed', 'The source cannot be reached from here.'],
  broken: ['connection_failed', ({ code }) => `The connection to the source broke (${code}).`],
  bad_certificate: ['tls_error', ({ code }) => `The source's certificate is not valid (${code}).`],
  bad_tls: ['tls_error', ({ code }) => `The source does not speak valid TLS (${code}).`],
  large_headers: ['bad_response', "The headers of the source's answer are too large."],
  bad_http: ['bad_response', "The source's answer is not valid HTTP."],
  tiny_chunks: [
    'bad_response',
    'The source answers in chunks of a few bytes each, of which too many would have to be read.',
  ],
  own_fault: ['internal', ({ code }) => `Something went wrong here, not at the source (${code}).`],
  defect: ['internal', 'Something unexpected went wrong here.'],
};

type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/**
 * What a failed connection or response means for the image, whatever layer failed. A `RelayError`
 * stays as it is. Messages name no address that a name resolved to; the rest is the cause.
 *
 * @param socket of the connection that failed: only some errors of Node name the address, and none
 *   that comes after a connection was made.
 */
export function sourceError(error: unknown, socket?: Peer | null): RelayError {
  if (isRelayError(error)) return error;
  if (isNetError(error)) return failureError(error, error.cause);
  const failed = said(netFailureOf(error), error);
  const { remoteAddress: address, remotePort: port } = socket ?? {};
  return address === undefined || port === undefined ? failed : addFacts(failed, { address, port });
}

/** What speaks against a source, e.g. by the guard. @param cause what lies behind it. */
export function failureError(failure: NetFailure, cause?: unknown): RelayError {
  return addFacts(said(failure, cause), failure.facts);
}

function said({ kind, facts }: NetFailure, cause: unknown): RelayError {
  const [code, message, options] = ON_THE_WAY[kind];
  const text = typeof message === 'string' ? message : message(facts);
  return new RelayError(code, text, { ...options, cause });
}

/** What an error means in mid-body: an answer that has begun is no failed connection to its reader. */
export function bodyError(error: unknown): RelayError {
  const failed = sourceError(error);
  if (failed.code !== 'connection_failed') return failed;
  return new RelayError('truncated', 'The source broke off in the middle of the picture.', {
    cause: error,
  });
}

/** What the source answered with. */
export const ANSWER = {
  notForAFile: () =>
    new RelayError('bad_response', "The source's answer is not one to a request for a file."),
  onlyInformational: (most: number) =>
    new RelayError(
      'bad_response',
      `The source sent more than ${most} informational answers, and none other.`,
    ),
  status: (status: number, options: RelayErrorOptions) =>
    new RelayError('source_status', `The source answered with status ${status}.`, options),
  statusWithoutPicture: (status: number) =>
    new RelayError(
      'source_status',
      `The source answered with status ${status}, which brings no picture.`,
    ),
  statusToWait: (status: number, ms: number) =>
    new RelayError(
      'source_status',
      `The source answered with status ${status} and asks to wait ${Math.ceil(ms / 1000)} s, which is too long.`,
    ),
  removed: () => new RelayError('source_status', 'The picture was removed from Imgur.'),
  part: () =>
    new RelayError('truncated', 'The source sent only a part of the picture (status 206).', {
      retryable: false,
    }),
  /** @param coding a name that can be repeated, or null. */
  encoded: (coding: string | null) =>
    new RelayError(
      'bad_encoding',
      `The source sent the picture with an encoding${coding === null ? '' : ` "${coding}"`} that was not asked for.`,
    ),
  tooManyRedirects: (most: number) =>
    new RelayError('too_many_redirects', `The source redirects more than ${most} times.`),
  redirectsNowhere: () =>
    new RelayError('bad_redirect', 'The source redirects without saying where to.'),
  redirectsElsewhere: () =>
    new RelayError(
      'bad_redirect',
      'The source redirects to something that is not an http or https URL without credentials.',
    ),
  announcesTooMuch: (bytes: number, most: number) => tooLarge(`announces ${bytes} bytes`, most),
};

/** What the source sends as its picture, and how fast. Lengths in bytes, times in milliseconds. */
export const BODY = {
  tooMuch: (most: number) => tooLarge('sends more bytes than it may', most),
  empty: () => new RelayError('empty', 'The source sent no bytes.'),
  short: (bytes: number, announced: number) =>
    new RelayError(
      'truncated',
      `The source sent ${bytes} of the ${announced} bytes that it announced.`,
    ),
  cut: () => new RelayError('truncated', 'The picture breaks off before its end.'),
  stalled: (ms: number) => tooSlow(`sent nothing for ${seconds(ms)}`),
  slow: (ms: number) => tooSlow(`took more than ${seconds(ms)}`),
  inTheWay: () =>
    tooSlow('sent next to nothing while other pictures waited for the memory of this one'),
};

function tooLarge(what: string, most: number): RelayError {
  return new RelayError('too_large', `The source ${what}; at most ${most} are allowed.`);
}

function tooSlow(what: string): RelayError {
  return new RelayError('download_timeout', `The source ${what}.`);
}

/** As sentences say a time. */
export function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
