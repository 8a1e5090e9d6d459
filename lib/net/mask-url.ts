const SHOWN_LENGTH = 100;
/** What could end a user name and password, for any parser. */
const AT_SIGN = /@|＠|﹫|%40/i;
/** A plain host and path: in a log with a line for each picture, to parse them costs more than the line. */
const NOTHING_TO_MASK = /^https?:\/\/[a-z0-9.-]+(?::\d+)?\/[\w.~/-]*$/;

/**
 * A URL as logs may show it: query values are replaced by `***`, fragment and credentials dropped.
 * What is not an http(s) URL is reduced to a short harmless part. Never throws.
 *
 * @example
 * maskUrl('https://me:secret@example.com/a.png?sig=secret#x'); // 'https://example.com/a.png?sig=***'
 */
export function maskUrl(text: string): string {
  if (NOTHING_TO_MASK.test(text)) return text;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return harmlessPart(text);
  }
  if (!/^https?:$/.test(url.protocol)) return harmlessPart(text);
  return `${url.protocol}//${url.host}${url.pathname}${maskQuery(url.search)}`;
}

/** A refused text as a message may repeat it: quoted, about 100 characters, without secrets. */
export function shownText(text: string): string {
  return JSON.stringify(harmlessPart(text));
}

function maskQuery(search: string): string {
  if (search === '') return '';
  const masked = search
    .slice(1)
    .split('&')
    .map((part) => {
      if (part === '') return '';
      // A part with nothing behind its "=" may be a token with base64 padding: no key, then.
      const key = /^([^=]+)=+[^=]/.exec(part)?.[1];
      return key === undefined ? '***' : `${key}=***`;
    });
  return `?${masked.join('&')}`;
}

function harmlessPart(text: string): string {
  const trimmed = text.trim();
  // Where such a text ends its credentials is anyone's guess, so nothing of them is shown.
  if (AT_SIGN.test(trimmed)) {
    const scheme = /^[a-z][a-z0-9+.-]{0,20}:\/\//i.exec(trimmed)?.[0] ?? '';
    return `${scheme}…`;
  }
  const end = trimmed.search(/[?#]/);
  const part = end === -1 ? trimmed : trimmed.slice(0, end);
  if (part.length > SHOWN_LENGTH) return `${part.slice(0, SHOWN_LENGTH)}…`;
  return trimmed[end] === '?' ? `${part}?***` : part;
}
