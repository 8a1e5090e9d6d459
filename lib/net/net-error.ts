import type { Cause } from '../cause';
import { codeOf } from './error-code';

/** What can happen on the way to a host. Whoever asked says what it means to them. */
export type NetProblem =
  // What the guard refuses.
  | 'not_public'
  | 'own_address'
  | 'local_name'
  | 'closed_port'
  // A name: there is no address of it, or no name server has answered.
  | 'no_address'
  | 'dns_silent'
  // A connection: it was not there in time, or failed.
  | 'connect_timeout'
  | 'host_silent'
  | 'refused'
  | 'unreachable'
  | 'broken'
  | 'bad_certificate'
  | 'bad_tls'
  // An answer.
  | 'large_headers'
  | 'bad_http'
  | 'tiny_chunks'
  // What this process or machine lacks, or a call of Node that was made wrongly; any other defect.
  | 'own_fault'
  | 'defect';

/** What is known of a problem: for the log, and for whoever makes a sentence of it. */
export interface NetFacts extends Omit<Cause, 'cause' | 'errors' | 'message'> {
  readonly allowedPorts?: readonly number[];
  readonly timeoutMs?: number;
}

export interface NetFailure {
  readonly kind: NetProblem;
  readonly facts: NetFacts;
}

/** A problem that was found here, and by none of the layers below. Recognise it with `isNetError`. */
export class NetError extends Error implements NetFailure {
  override readonly name = 'NetError';
  readonly kind: NetProblem;
  readonly facts: NetFacts;

  constructor(kind: NetProblem, facts: NetFacts = {}, cause?: unknown) {
    super(kind, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.facts = facts;
  }
}

export function isNetError(error: unknown): error is NetError {
  return error instanceof Error && error.name === 'NetError' && 'kind' in error;
}

/** What the codes of Node, the system and OpenSSL mean. The first match counts. */
const KINDS: readonly (readonly [codes: RegExp, kind: NetProblem])[] = [
  // Node.js, "Errors".
  [
    /^(?:EMFILE|ENFILE|ENOMEM|ENOBUFS|ERR_(?:INVALID_.+|HTTP_.+|UNESCAPED_CHARACTERS|OUT_OF_RANGE|MISSING_ARGS|SOCKET_BAD_PORT))$/,
    'own_fault',
  ],
  [/^HPE_HEADER_OVERFLOW$/, 'large_headers'],
  [/^HPE_/, 'bad_http'],
  // What OpenSSL finds wrong with a certificate (Node.js, "X509 certificate error codes").
  [
    /^(?:CERT_|CRL_|UNABLE_TO_|ERROR_IN_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|PATH_LENGTH_|HOSTNAME_|(?:CA|EE)_(?:KEY|MD)_|ERR_TLS_CERT_)/,
    'bad_certificate',
  ],
  [/^(?:EPROTO|ERR_TLS_|ERR_SSL_)/, 'bad_tls'],
  // Of c-ares and getaddrinfo: there is no such name, or nobody answered.
  [
    /^(?:ENOTFOUND|ENODATA|ESERVFAIL|EREFUSED|ETIMEOUT|EBADRESP|EBADNAME|EAI_[A-Z]+)$/,
    'no_address',
  ],
  // Set by the kernel when a host never answers, and by Node when one of several addresses does not.
  [/^(?:ETIMEDOUT|ERR_SOCKET_CONNECTION_TIMEOUT)$/, 'host_silent'],
  [/^ECONNREFUSED$/, 'refused'],
  [/UNREACH$|^ENETDOWN$|^EADDRNOTAVAIL$/, 'unreachable'],
];

/**
 * What a failed connection or answer was, whatever layer failed. A `NetError`, as of the guard,
 * comes through `http.request` as it is; of an `AggregateError`, the most telling cause counts.
 */
export function netFailureOf(error: unknown): NetFailure {
  if (isNetError(error)) return error;
  const judged = causesOf(error)?.map(ofCode);
  return judged?.sort((a, b) => rank(a) - rank(b))[0] ?? ofCode(error);
}

/** The failures of several addresses (`AggregateError`); null for another error. */
function causesOf(error: unknown): unknown[] | null {
  if (typeof error !== 'object' || error === null || !('errors' in error)) return null;
  return Array.isArray(error.errors) ? error.errors : null;
}

function ofCode(error: unknown): NetFailure {
  const code = codeOf(error);
  if (code === null) return { kind: 'defect', facts: {} };
  return { kind: KINDS.find(([codes]) => codes.test(code))?.[1] ?? 'broken', facts: { code } };
}

/**
 * Which of several failures tells most, the lowest first. A fault of ours must not be hidden by
 * what happened besides. Then what another machine said, then the silence of one, and last what
 * this machine says by itself about its own network.
 */
function rank({ kind }: NetFailure): number {
  if (kind === 'own_fault' || kind === 'defect') return 0;
  if (kind === 'host_silent') return 2;
  return kind === 'unreachable' ? 3 : 1;
}
