import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { boundChunks } from '../../../lib/net/bound-chunks';
import { ask, startRawSource, type RawSource } from './raw-source';

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const END = '0\r\n\r\n';
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const refused = { name: 'NetError', kind: 'tiny_chunks' };

describe('an answer in chunks', () => {
  let agent: http.Agent;
  const sources: RawSource[] = [];
  beforeEach(() => {
    agent = new http.Agent({ keepAlive: true });
  });
  afterEach(() => {
    agent.destroy();
    for (const source of sources.splice(0)) source.close();
  });

  async function answerOf(play: (socket: Socket) => void): Promise<IncomingMessage> {
    const source = await startRawSource(play);
    sources.push(source);
    const request = ask(source.port, agent);
    request.on('response', (answer) => {
      answer.on('error', () => undefined);
      boundChunks(answer);
    });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    return answer;
  }

  /** The pieces that a reader gets, or the error that it gets instead. */
  async function read(answer: IncomingMessage): Promise<unknown> {
    const pieces: string[] = [];
    try {
      for await (const piece of answer as AsyncIterable<Buffer>) pieces.push(piece.toString());
      return pieces;
    } catch (error) {
      return error;
    }
  }

  it('comes whole in as few pieces as it was read in', async () => {
    const texts = Array.from({ length: 250 }, (_, n) => `${n};`);
    const answer = await answerOf((socket) =>
      socket.write(CHUNKED + texts.map(chunk).join('') + END),
    );
    const pieces = (await read(answer)) as string[];
    expect(pieces.join('')).toBe(texts.join(''));
    expect(pieces.length).toBeLessThan(10);
    expect(answer.complete).toBe(true);
  });

  it.each([
    ['256 chunks of one byte', 'x', 256],
    ['10,000 chunks of 128 bytes', 'x'.repeat(128), 10_000],
  ])('may be %s', async (_what, text, count) => {
    const answer = await answerOf((socket) =>
      socket.write(CHUNKED + chunk(text).repeat(count) + END),
    );
    expect(((await read(answer)) as string[]).join('')).toBe(text.repeat(count));
  });

  it.each([
    ['300 chunks of one byte', 'x', 300],
    ['10,000 chunks of 100 bytes', 'x'.repeat(100), 10_000],
  ])('may not be %s', async (_what, text, count) => {
    const answer = await answerOf((socket) =>
      socket.write(CHUNKED + chunk(text).repeat(count) + END),
    );
    expect(await read(answer)).toMatchObject(refused);
  });

  it('ends although nobody reads it', async () => {
    const answer = await answerOf((socket) => socket.write(CHUNKED + chunk('x').repeat(1000)));
    if (!answer.closed) await once(answer, 'close');
    expect(answer.errored).toMatchObject(refused);
  });

  it('waits with its sender for a reader', async () => {
    const text = 'x'.repeat(60_000);
    const answer = await answerOf((socket) => {
      socket.write(CHUNKED + chunk(text).repeat(250) + END);
    });
    answer.pause();
    await new Promise((resolve) => setImmediate(resolve));
    const sent = sources[0]!.sockets[0]!;
    // What neither the kernel nor the reader has room for waits at the sender.
    expect(sent.writableLength).toBeGreaterThan(0);
    expect(answer.readableLength).toBeLessThan(200_000);
    expect(((await read(answer)) as string[]).join('')).toBe(text.repeat(250));
  });

  it('that breaks off is an error, and not its end', async () => {
    const answer = await answerOf((socket) => socket.end(CHUNKED + chunk('half')));
    expect(await read(answer)).toMatchObject({ code: 'ECONNRESET' });
  });

  it('with a length instead may come byte by byte', async () => {
    const answer = await answerOf((socket) => {
      socket.setNoDelay(true);
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
      let left = 1000;
      const next = (): void => {
        left -= 1;
        if (left >= 0) socket.write('x', () => setImmediate(next));
      };
      next();
    });
    expect(((await read(answer)) as string[]).join('')).toBe('x'.repeat(1000));
  });
});
