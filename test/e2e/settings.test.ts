import net from 'node:net';
import { freePort } from '../support/free-port';
import { spawnService } from '../support/service';

jest.setTimeout(60_000);

describe('a start that cannot succeed', () => {
  it('stops with one message that names every bad setting, and exit status 1', async () => {
    const { output, exited } = spawnService({ PORT: 'http', ATTEMPTS: '-1', API_KEYS: 'a b' });
    expect(await exited).toBe(1);
    expect(output.stdout).toBe('');
    expect(output.stderr).toBe(
      [
        'The settings make no sense:',
        '  - Expected PORT to be a whole number from 1 to 65535, got "http"',
        '  - Expected API_KEYS to be visible ASCII without blanks, got 1 other keys',
        '  - Expected ATTEMPTS to be a whole number from 1 to 100, got "-1"',
        '',
      ].join('\n'),
    );
  });

  it('says so when the port is taken', async () => {
    const port = await freePort();
    const taker = net.createServer().listen(port, '127.0.0.1');
    try {
      const { output, exited } = spawnService({ PORT: String(port) });
      expect(await exited).toBe(1);
      const lines = output.stdout.trim().split('\n');
      expect(lines).toHaveLength(1);
      expect(JSON.parse(lines[0]!)).toMatchObject({
        level: 'fatal',
        message: expect.stringContaining(`EADDRINUSE: address already in use 127.0.0.1:${port}`),
      });
    } finally {
      taker.close();
    }
  });
});
