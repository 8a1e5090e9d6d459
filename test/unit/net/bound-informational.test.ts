import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { boundInformational } from '../../../lib/net/bound-informational';
import { ask, startRawSource, type RawSource } from './raw-source';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

describe('informational answers', () => {
  let agent: http.Agent;
  let source: RawSource;
  beforeEach(() => {
    agent = new http.Agent({ keepAlive: true });
  });
  afterEach(() => {
    agent.destroy();
    source.close();
  });

  async function askFor(text: string) {
    source = await startRawSource((socket) => socket.write(text));
    const request = ask(source.port, agent);
    const refuse = jest.fn(() => void request.destroy());
    boundInformational(request, refuse);
    return { request, refuse };
  }

  it.each(['100 Continue', '102 Processing', '103 Early Hints'])(
    'like %s may come five times before the answer',
    async (status) => {
      const { request, refuse } = await askFor(`HTTP/1.1 ${status}\r\n\r\n`.repeat(5) + OK);
      const [answer] = (await once(request, 'response')) as [IncomingMessage];
      expect(answer.statusCode).toBe(200);
      expect(refuse).not.toHaveBeenCalled();
    },
  );

  it.each(['100 Continue', '102 Processing', '103 Early Hints'])(
    'like %s may not come six times',
    async (status) => {
      const { request, refuse } = await askFor(`HTTP/1.1 ${status}\r\n\r\n`.repeat(6) + OK);
      await once(request, 'close');
      expect(refuse).toHaveBeenCalledTimes(1);
    },
  );
});
