import { once } from 'node:events';
import http from 'node:http';
import net, { type Socket } from 'node:net';
import { setIdle, spoilLastRead, watchReads } from '../../../lib/net/last-read';
import { ask, startRawSource, type RawSource } from './raw-source';

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('the last read of a socket', () => {
  const agents: http.Agent[] = [];
  const sources: RawSource[] = [];
  afterEach(() => {
    for (const agent of agents.splice(0)) agent.destroy();
    for (const source of sources.splice(0)) source.close();
  });

  async function source(answer: (socket: Socket) => void): Promise<RawSource> {
    const started = await startRawSource(answer);
    sources.push(started);
    return started;
  }

  function watchingAgent(): http.Agent {
    const agent = new http.Agent({ keepAlive: true });
    const open = agent.createConnection.bind(agent);
    Object.assign(agent, {
      createConnection(options: http.ClientRequestArgs) {
        const socket = open(options) as Socket;
        watchReads(socket);
        return socket;
      },
    });
    agents.push(agent);
    return agent;
  }

  it('is parsed to its end although its answer is destroyed, unless it is spoiled', async () => {
    const { port } = await source((socket) => socket.write(CHUNKED + '1\r\nx\r\n'.repeat(10_000)));
    const found = { destroyed: 0, spoiled: 0 };
    for (const how of ['destroyed', 'spoiled'] as const) {
      const request = ask(port, watchingAgent());
      request.on('response', (answer) => {
        answer.on('error', () => undefined);
        answer.push = () => {
          found[how] += 1;
          if (found[how] === 10) {
            answer.destroy();
            if (how === 'spoiled') spoilLastRead(answer.socket);
          }
          return true;
        };
      });
      await new Promise((resolve) => request.once('close', resolve));
    }
    expect(found.destroyed).toBeGreaterThan(1000);
    expect(found.spoiled).toBe(10);
  });

  it('closes a socket that is idle, and no other', async () => {
    const { port, sockets } = await source((peer) => peer.write('asked for'));
    const socket = net.connect(port, '127.0.0.1');
    watchReads(socket);
    const texts: string[] = [];
    socket.on('data', (bytes: Buffer) => texts.push(bytes.toString()));
    socket.write('hello');
    await once(socket, 'data');
    expect(texts).toEqual(['asked for']);
    expect(socket.destroyed).toBe(false);
    setIdle(socket, true);
    sockets[0]!.write('not asked for');
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });

  it('is left alone where a socket is not watched', () => {
    expect(() => spoilLastRead(new net.Socket())).not.toThrow();
    expect(() => spoilLastRead(null)).not.toThrow();
  });
});
