import FormData from 'form-data';
import fetch from 'node-fetch';
import http from 'node:http';
import { ownCpuMs, servePart } from './part';

/*
 * The least that an image costs: one request down, one up, and nothing else. No limits, no guard,
 * no type check, no retry, no log, no job. In a process of its own, as the service is, and written as
 * well as one writes it: what is the same for all images is made once, and what belongs together is
 * sent together.
 */

export interface FloorAsk {
  readonly kind: 'node-fetch' | 'node-http';
  readonly urls: readonly string[];
  readonly imgurUrl: string;
  readonly concurrency: number;
}
/** What some images took, in milliseconds. */
export interface Effort {
  readonly ms: number;
  /** Of the processor, in all threads. */
  readonly cpuMs: number;
}

/** As the service has them: connections are kept. */
const sources = new http.Agent({ keepAlive: true });
const imgur = new http.Agent({ keepAlive: true, scheduling: 'lifo' });
const AUTHORIZATION = 'Client-ID bench';

type Relay = (url: string) => Promise<string>;

function byNodeFetch(imgurUrl: string): Relay {
  const target = `${imgurUrl}/3/image`;
  return (url) => relayByNodeFetch(url, target);
}

async function relayByNodeFetch(url: string, target: string): Promise<string> {
  const picture = await fetch(url, { agent: sources, compress: false });
  const form = new FormData();
  form.append('type', 'file');
  form.append('image', picture.body, {
    filename: 'image.jpg',
    contentType: 'image/jpeg',
    knownLength: Number(picture.headers.get('content-length')),
  });
  const answer = await fetch(target, {
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

function byNodeHttp(imgurUrl: string): Relay {
  const { hostname, port } = new URL(imgurUrl);
  const target = { hostname, port, path: '/3/image', method: 'POST', agent: imgur };
  return (url) => relayByNodeHttp(url, target);
}

function relayByNodeHttp(url: string, target: http.RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const down = http.get(url, { agent: sources }, (picture) => {
      const length = Number(picture.headers['content-length']);
      const headers = {
        'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
        'Content-Length': START.length + length + END.length,
        Authorization: AUTHORIZATION,
      };
      const up = http.request({ ...target, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => (text += part));
        answer.on('end', () => {
          resolve((JSON.parse(text) as { data: { link: string } }).data.link);
        });
      });
      up.on('error', reject);
      sendForm(picture, length, up);
    });
    down.on('error', reject);
  });
}

/** The head of the form leaves with the first bytes of the picture, its end with the last ones. */
function sendForm(picture: http.IncomingMessage, length: number, up: http.ClientRequest): void {
  let left = length;
  up.on('drain', () => picture.resume());
  up.cork();
  up.write(START);
  picture.on('data', (bytes: Buffer) => {
    left -= bytes.length;
    if (left === 0) up.cork();
    const goesOn = up.write(bytes);
    if (left === 0) up.end(END);
    else if (left + bytes.length === length) up.uncork();
    if (!goesOn) picture.pause();
  });
}

const RELAYS = { 'node-fetch': byNodeFetch, 'node-http': byNodeHttp };

/** Relays all of them, so many at a time. */
async function relayAll({ kind, urls, imgurUrl, concurrency }: FloorAsk): Promise<Effort> {
  const relay = RELAYS[kind](imgurUrl);
  const [startedAt, cpuBefore] = [performance.now(), ownCpuMs()];
  const waiting = urls.values();
  const links: string[] = [];
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const url of waiting) links.push(await relay(url));
    }),
  );
  if (links.length !== urls.length) throw new Error('Expected a link for every image');
  return { ms: performance.now() - startedAt, cpuMs: ownCpuMs() - cpuBefore };
}

servePart<FloorAsk>(0, relayAll);
