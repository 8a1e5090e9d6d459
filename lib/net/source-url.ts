import { shownText } from './mask-url';

/** Like what other proxies and browsers take; signed URLs are long in their query only. */
const MAX_LENGTH = 8192;
const MAX_LENGTH_BEFORE_QUERY = 2048;

/**
 * What DNS can hold (RFC 1035 section 2.3.4: labels of 1 to 63 octets, 253 in all as text), in the
 * characters that host names are made of. WHATWG lets more through, e.g. `a;b` or empty labels,
 * which other parsers cut into other names.
 */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;

/** What is wrong with a URL, for whoever has other words for it. */
export type SourceProblem =
  | 'not_absolute'
  | 'too_long'
  | 'control_characters'
  | 'backslash'
  | 'credentials'
  | 'bad_host'
  | 'invalid';

/** `problem` is one sentence: what was expected and what was given, without secrets. */
export type ParsedSource = { ok: true; url: URL } | Refused;
interface Refused {
  readonly ok: false;
  readonly kind: SourceProblem;
  readonly problem: string;
}

/**
 * Reads a URL that a user submitted. Parsed once here, by the WHATWG URL standard, and fetched as
 * parsed; what that standard repairs and other parsers read otherwise is refused, so that no two
 * parts of the way can disagree about where a URL leads.
 *
 * @returns the URL without fragment and without the root dot of its host.
 */
export function parseSourceUrl(text: string): ParsedSource {
  const trimmed = text.trim();
  const problem = textProblem(trimmed);
  if (problem !== null) return problem;

  const authority = /^https?:\/\/([^/?#]+)/i.exec(trimmed)?.[1];
  if (authority === undefined) {
    return expected('not_absolute', 'an absolute http or https URL', trimmed);
  }
  // WHATWG drops an empty user name (`http://@host`), so only the text tells.
  if (authority.includes('@')) {
    return refused('credentials', 'Expected a URL without credentials, got one that carries them');
  }
  let url: URL;
  try {
    url = new URL(trimmed);
  } catch {
    return expected('invalid', 'a valid http or https URL', trimmed);
  }
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1);
  // To set a part of a URL is to parse it anew.
  if (trimmed.includes('#')) url.hash = '';
  if (!url.hostname.startsWith('[') && !HOST_NAME.test(url.hostname)) {
    return expected(
      'bad_host',
      'a host name of letters, digits, "-" and "_" in labels of 1 to 63 characters, 253 in all',
      trimmed,
    );
  }
  return { ok: true, url };
}

/**
 * Reads the `Location` of a redirect (RFC 9110 section 10.2.2) as strictly as a submitted URL.
 *
 * @param location the header's value as Node gives it: one character for each byte.
 * @param base the URL that answered with it.
 */
export function parseLocation(location: string, base: URL): ParsedSource {
  const trimmed = decodeBytes(location).trim();
  const problem = textProblem(trimmed);
  if (problem !== null) return problem;
  if (/^[a-z][a-z0-9+.-]*:/i.test(trimmed)) return parseSourceUrl(trimmed);
  if (trimmed.startsWith('//')) return parseSourceUrl(base.protocol + trimmed);
  // A path cannot leave the base's host, as it has neither a second slash nor a backslash.
  return parseSourceUrl(new URL(trimmed, base).href);
}

/** Identity of a source for removing duplicates: the WHATWG serialisation without its fragment. */
export function sourceKey(url: URL): string {
  const { href } = url;
  const hash = href.indexOf('#');
  return hash === -1 ? href : href.slice(0, hash);
}

function textProblem(text: string): Refused | null {
  if (text === '') {
    return refused('not_absolute', 'Expected an absolute http or https URL, got an empty text');
  }
  if (text.length > MAX_LENGTH) {
    const problem = `Expected a URL of at most ${MAX_LENGTH} characters, got ${text.length}`;
    return refused('too_long', problem);
  }
  const beforeQuery = /^[^?#]*/.exec(text)?.[0] ?? '';
  if (beforeQuery.length > MAX_LENGTH_BEFORE_QUERY) {
    return refused(
      'too_long',
      `Expected at most ${MAX_LENGTH_BEFORE_QUERY} characters before the query of a URL, ` +
        `got ${beforeQuery.length}`,
    );
  }
  // WHATWG strips tabs and line breaks: `http://12\n7.0.0.1/` would be fetched as 127.0.0.1.
  if (CONTROL.test(text)) {
    return expected('control_characters', 'a URL without control characters', text);
  }
  // WHATWG takes them for slashes, other parsers for a part of the host or of the user name.
  if (beforeQuery.includes('\\')) return expected('backslash', 'a URL without "\\"', text);
  return null;
}

function expected(kind: SourceProblem, what: string, text: string): Refused {
  return refused(kind, `Expected ${what}, got ${shownText(text)}`);
}

function refused(kind: SourceProblem, problem: string): Refused {
  return { ok: false, kind, problem };
}

/** Sources that do not encode their Location send UTF-8, as browsers expect. */
function decodeBytes(header: string): string {
  if (!/[\x80-\xff]/.test(header) || /[\u0100-\uffff]/.test(header)) return header;
  const decoded = Buffer.from(header, 'latin1').toString('utf8');
  return decoded.includes('\ufffd') ? header : decoded;
}
