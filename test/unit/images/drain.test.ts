import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { drain } from '../../../lib/images/drain';
import { ask, startRawSource, type RawSource } from '../net/raw-source';

const announced = (bytes: number): string =>
  `HTTP/1.1 404 Not Found\r\nContent-Length: ${bytes}\r\n\r\n`;
const CHUNKED = 'HTTP/1.1 302 Found\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('an answer that nobody wants', () => {
  let agent: http.Agent;
  let source: RawSource;
  beforeEach(() => {
    agent = new http.Agent({ keepAlive: true });
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  });
  afterEach(() => {
    jest.useRealTimers();
    agent.destroy();
    source.close();
  });

  async function answerOf(text: string): Promise<IncomingMessage> {
    source = await startRawSource((socket) => socket.write(text));
    const request = ask(source.port, agent);
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    return answer;
  }

  const idleSockets = (): number => Object.values(agent.freeSockets).flat().length;

  it.each([
    ['no body', 'HTTP/1.1 304 Not Modified\r\n\r\n'],
    ['a body of nothing', announced(0)],
    ['a page of 1 kB', announced(1000) + 'x'.repeat(1000)],
    ['a page in chunks', `${CHUNKED}4\r\npage\r\n0\r\n\r\n`],
  ])('with %s leaves its connection to the next request at once', async (_what, text) => {
    await drain(await answerOf(text));
    expect(idleSockets()).toBe(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('whose body comes later holds nobody, and leaves its connection then', async () => {
    const answer = await answerOf(announced(4));
    await drain(answer);
    expect([answer.complete, answer.destroyed]).toEqual([false, false]);
    source.sockets[0]!.write('page');
    await once(agent, 'free');
    expect(idleSockets()).toBe(1);
  });

  it('that announces more than 64 KiB is destroyed', async () => {
    const answer = await answerOf(announced(65_537));
    await drain(answer);
    expect(answer.destroyed).toBe(true);
  });

  it('that brings more than 64 KiB unannounced is destroyed', async () => {
    const answer = await answerOf(CHUNKED + `8000\r\n${'x'.repeat(0x8000)}\r\n`.repeat(3));
    await drain(answer);
    if (!answer.closed) await once(answer, 'close');
    expect([answer.destroyed, answer.complete, idleSockets()]).toEqual([true, false, 0]);
  });

  it('that goes on for more than a second is destroyed', async () => {
    const answer = await answerOf(announced(4) + 'p');
    await drain(answer);
    jest.advanceTimersByTime(999);
    expect(answer.destroyed).toBe(false);
    jest.advanceTimersByTime(1);
    expect(answer.destroyed).toBe(true);
  });
});
