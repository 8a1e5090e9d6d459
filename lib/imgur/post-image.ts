import http, { type Agent } from 'node:http';
import https from 'node:https';
import FormData from 'form-data';
import { requestTarget } from '../net/request-target';
import {
  createIdleConnections,
  exchange,
  type Framing,
  type ImageUpload,
  type Posted,
} from './exchange';

/** @param authorization the header's value; '' for none. */
type PostImage = (image: ImageUpload, authorization: string) => Promise<Posted>;

/**
 * Posts images as multipart/form-data with a Content-Length, whatever the body: whether Imgur takes
 * chunked ones is not established. Sends neither Origin nor Referer, for which Imgur answers 403
 * where they name localhost. Follows no redirect.
 *
 * By `node:http` and not by node-fetch 2, which hides whether a request was sent whole, hangs on one
 * whose source breaks off, and takes 1.5 times the CPU.
 *
 * @param url of the endpoint.
 * @param agent a keep-alive agent of the URL's scheme.
 * @param now milliseconds of a clock that is never set.
 */
export function createPostImage(
  url: string,
  agent: Agent,
  userAgent: string,
  now?: () => number,
): PostImage {
  const parsed = new URL(url);
  const target = { ...requestTarget(parsed), method: 'POST', agent };
  const ownHeaders = [
    ...['Host', parsed.host],
    ...['User-Agent', userAgent],
    ...['Accept', 'application/json'],
  ];
  const connections = createIdleConnections(agent, now);
  const { request: openRequest } = parsed.protocol === 'https:' ? https : http;

  return function postImage(image, authorization) {
    const framing = frameImage(image.type, image.filename);
    const length = framing.head.length + image.bytes + framing.tail.length;
    const headers = [
      ...ownHeaders,
      ...['Content-Type', framing.contentType],
      ...['Content-Length', String(length)],
      ...(authorization === '' ? [] : ['Authorization', authorization]),
    ];
    return exchange(() => openRequest({ ...target, headers }), image, framing, connections);
  };
}

const FILENAME = 'FILENAME';
const NOTHING = Buffer.alloc(0);

/** What form-data made for each MIME type, with a stand-in for the name of the file. */
const encoded = new Map<string, Framing>();

/**
 * What form-data puts around an image. It encodes each type's form once, without an image, which is
 * then sent between the two: an object of form-data for every upload costs more than the rest of
 * the request. The boundary is random, of 24 hexadecimal digits, and known to Imgur alone.
 *
 * `type` goes first, so that a reader of the stream knows how to take the image.
 *
 * @param type a MIME type; there are only so many that Imgur takes.
 * @param filename without quotes or line breaks.
 */
function frameImage(type: string, filename: string): Framing {
  let framing = encoded.get(type);
  if (!framing) {
    framing = encode(type);
    encoded.set(type, framing);
  }
  return { ...framing, head: framing.head.replace(FILENAME, () => filename) };
}

function encode(type: string): Framing {
  const form = new FormData();
  form.append('type', 'file');
  form.append('image', NOTHING, { filename: FILENAME, contentType: type });
  const body = form.getBuffer().toString('latin1');
  const tailStart = body.length - `\r\n--${form.getBoundary()}--\r\n`.length;
  return {
    contentType: `multipart/form-data; boundary=${form.getBoundary()}`,
    head: body.slice(0, tailStart),
    tail: body.slice(tailStart),
  };
}
