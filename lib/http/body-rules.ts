import { HttpProblem } from './http-problem';
import type { Middleware } from './middleware';

export const MAX_BODY_BYTES = 1_048_576;

/** In lower case: `application/json`, or a type that is written in JSON (RFC 6839, section 3.1). */
const JSON_TYPE = /^application\/(?:[\w!#$&^.+-]+\+)?json$/;

/** Strict, as JSON between systems is UTF-8 (RFC 8259, section 8.1); a byte-order mark is left out. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Judges a body before it is parsed: how large it is, of what type, and whether there is one. What
 * is left of it is text without a byte-order mark.
 */
export function bodyRules(): Middleware {
  return {
    before({ event }) {
      const { body, headers, isBase64Encoded } = event;
      const text = typeof body === 'string' ? body : '';
      const bytes = Buffer.byteLength(text, isBase64Encoded ? 'base64' : 'utf8');
      if (bytes > MAX_BODY_BYTES) throw tooLarge();
      const type = headers['content-type'];
      if (type !== undefined && !isJson(type)) {
        throw new HttpProblem(
          415,
          `Expected the Content-Type application/json, got ${JSON.stringify(type.slice(0, 100))}.`,
        );
      }
      const encoding = headers['content-encoding'] ?? 'identity';
      if (encoding.toLowerCase() !== 'identity') {
        throw new HttpProblem(415, 'Expected a body without Content-Encoding, got an encoded one.');
      }
      if (bytes === 0) {
        throw new HttpProblem(400, 'Expected a JSON body like {"urls": ["https://…"]}, got none.');
      }
      event.body = decode(text, isBase64Encoded);
      event.isBase64Encoded = false;
      // The parser knows lower case only, and a client that sends JSON without saying so means it.
      headers['content-type'] = 'application/json';
    },
  };
}

/**
 * Whether a Content-Type says JSON. Types are compared without regard to case, there may be blanks
 * around the `;`, and an empty parameter is none (RFC 9110, sections 5.6.6 and 8.3.1). JSON has no
 * parameters that mean anything (RFC 8259, section 11), so none is looked at.
 */
export function isJson(contentType: string): boolean {
  const [type = ''] = contentType.split(';', 1);
  return JSON_TYPE.test(type.trim().toLowerCase());
}

/** 413, in the words of whoever counts: this function, or the gateway before it. */
export function tooLarge(): HttpProblem {
  return new HttpProblem(413, `Expected a body of at most ${MAX_BODY_BYTES} bytes, got more.`);
}

function decode(text: string, isBase64Encoded: boolean): string {
  // The gateway hands on as text only what is UTF-8.
  if (!isBase64Encoded) return text.replace(/^\uFEFF/, '');
  try {
    return utf8.decode(Buffer.from(text, 'base64'));
  } catch {
    throw new HttpProblem(400, 'Expected a body in UTF-8, got other bytes.');
  }
}
