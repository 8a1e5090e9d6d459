import { isRelayError } from './errors';
import { plainText } from './plain-text';

/** What is known of a failure beyond its code and message: for the log, and never for a caller. */
export interface Cause {
  /** Node's, the system's or OpenSSL's name for it, e.g. `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
  readonly code?: string;
  readonly syscall?: string;
  /** What the layer that failed says of it. */
  readonly message?: string;
  /** Why TLS failed, where OpenSSL or Node says so apart. */
  readonly reason?: string;
  /** The name that was looked up, or that a certificate is not for. */
  readonly hostname?: string;
  readonly host?: string;
  /** What was connected to, or judged. */
  readonly address?: string;
  readonly port?: number;
  /** Several of them, in the order in which they were tried. */
  readonly addresses?: readonly string[];
  /** Which rule of the guard refused it. */
  readonly rule?: string;
  /** Where redirects had led by then, without query values. */
  readonly redirectedTo?: string;
  /** What the time was spent on. */
  readonly waitedFor?: 'dns' | 'connection' | 'tls';
  /** Imgur's status and words. */
  readonly status?: number;
  readonly said?: string;
  /** One for each address. */
  readonly errors?: readonly Cause[];
  /** What lies behind that. */
  readonly cause?: Cause;
}

const TEXTS = [
  'code',
  'syscall',
  'message',
  'reason',
  'hostname',
  'host',
  'address',
  'rule',
  'redirectedTo',
  'waitedFor',
  'said',
] as const satisfies readonly (keyof Cause)[];
const NUMBERS = ['port', 'status'] as const satisfies readonly (keyof Cause)[];

const MAX_TEXT = 300;
/** As many as addresses are tried of one name. */
const MAX_ITEMS = 16;
const MAX_DEPTH = 3;

/**
 * Adds facts to an error that has just been made. A cause that the error has already is kept behind
 * the facts.
 *
 * @example
 * throw addFacts(sourceError(error), { address: '192.0.2.1', port: 443 });
 */
export function addFacts<E extends Error>(
  error: E,
  facts: Omit<Cause, 'cause' | 'errors' | 'message'>,
): E {
  error.cause = error.cause === undefined ? facts : { ...facts, cause: error.cause };
  return error;
}

/**
 * The cause of a failed image, as its line of the log shows it. Of any error it takes the
 * properties of `Cause` and no others: these are known to hold no secret. Each is one line of plain
 * text, and length and depth are bounded. Undefined if nothing is known.
 */
export function describeCause(cause: unknown, depth = MAX_DEPTH): Cause | undefined {
  if (typeof cause !== 'object' || cause === null) return undefined;
  const { cause: behind, errors, addresses } = cause as Record<string, unknown>;
  // What a failure of ours says is in the line already.
  if (isRelayError(cause)) return describeCause(behind, depth);
  const described = { ...fieldsOf(cause as Record<string, unknown>) };
  if (Array.isArray(addresses)) described['addresses'] = addresses.slice(0, MAX_ITEMS).map(shown);
  if (depth > 0) {
    const deeper = describeCause(behind, depth - 1);
    // Facts are told together with what they are facts of.
    if (deeper && !(cause instanceof Error)) return { ...deeper, ...described };
    if (deeper) described['cause'] = deeper;
    if (Array.isArray(errors)) {
      described['errors'] = errors
        .slice(0, MAX_ITEMS)
        .flatMap((each) => describeCause(each, depth - 1) ?? []);
    }
  }
  return Object.keys(described).length > 0 ? described : undefined;
}

function fieldsOf(source: Record<string, unknown>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const name of TEXTS) {
    const value = source[name];
    if (typeof value === 'string' && value !== '') fields[name] = shown(value);
  }
  for (const name of NUMBERS) if (typeof source[name] === 'number') fields[name] = source[name];
  return fields;
}

function shown(text: unknown): string {
  return plainText(String(text), MAX_TEXT);
}
