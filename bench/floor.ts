import FormData from 'form-data';
import fetch from 'node-fetch';
import http from 'node:http';
import { servePart } from './part';

/*
 * The least that an image costs: one request down, one up, and nothing else. No limits, no guard,
 * no type check, no retry, no log, no job. In a process of its own, as the service is.
 */

export interface FloorAsk {
  readonly kind: 'node-fetch' | 'node-http';
  readonly urls: readonly string[];
  readonly imgurUrl: string;
  readonly concurrency: number;
}

/** As the service has them: connections are kept. */
const sources = new http.Agent({ keepAlive: true });
const imgur = new http.Agent({ keepAlive: true, scheduling: 'lifo' });
const AUTHORIZATION = 'Client-ID bench';

async function relayByNodeFetch(url: string, imgurUrl: string): Promise<string> {
  const picture = await fetch(url, { agent: sources, compress: false });
  const form = new FormData();
  form.append('type', 'file');
  form.append('image', picture.body, {
    filename: 'image.jpg',
    contentType: 'image/jpeg',
    knownLength: Number(picture.headers.get('content-length')),
  });
  const answer = await fetch(`${imgurUrl}/3/image`, {
    method: 'POST',
    agent: imgur,
    compress: false,
    headers: { ...form.getHeaders(), Authorization: AUTHORIZATION },
    body: form,
  });
  const { data } = (await answer.json()) as { data: { link: string } };
  return data.link;
}

const BOUNDARY = '--------------------------012345678901234567890123';
const START = Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="type"\r\n\r\nfile\r\n` +
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="image.jpg"\r\n` +
    'Content-Type: image/jpeg\r\n\r\n',
);
const END = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);

function relayByNodeHttp(url: string, imgurUrl: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const down = http.get(url, { agent: sources }, (picture) => {
      const length = Number(picture.headers['content-length']) + START.length + END.length;
      const up = http.request(
        `${imgurUrl}/3/image`,
        {
          method: 'POST',
          agent: imgur,
          headers: {
            'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
            'Content-Length': length,
            Authorization: AUTHORIZATION,
          },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (part: string) => (text += part));
          answer.on('end', () => {
            resolve((JSON.parse(text) as { data: { link: string } }).data.link);
          });
        },
      );
      up.on('error', reject);
      up.write(START);
      picture.on('end', () => up.end(END));
      picture.pipe(up, { end: false });
    });
    down.on('error', reject);
  });
}

const RELAYS = { 'node-fetch': relayByNodeFetch, 'node-http': relayByNodeHttp };

/** Relays all of them, so many at a time. @returns how long it took, in milliseconds. */
async function relayAll({ kind, urls, imgurUrl, concurrency }: FloorAsk): Promise<number> {
  const relay = RELAYS[kind];
  const startedAt = performance.now();
  const waiting = urls.values();
  const links: string[] = [];
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const url of waiting) links.push(await relay(url, imgurUrl));
    }),
  );
  if (links.length !== urls.length) throw new Error('Expected a link for every image');
  return performance.now() - startedAt;
}

servePart<FloorAsk>(0, relayAll);
