import { once } from 'node:events';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { copyOfProject } from '../support/project-copy';
import { spawnService } from '../support/service';

jest.setTimeout(120_000);

/** A folder to start from that has a `.env` of its own, and all else from here. */
function projectWithEnvFile(text: string): string {
  const project = copyOfProject();
  fs.writeFileSync(path.join(project, '.env'), text);
  return project;
}

describe('a start that cannot succeed', () => {
  it('stops with one message that names every bad setting, and exit status 1', async () => {
    const { output, exited } = spawnService({ PORT: 'http', ATTEMPTS: '-1', API_KEYS: 'a b' });
    expect(await exited).toBe(1);
    expect(output.stdout).toBe('');
    expect(output.stderr).toBe(
      [
        'The service cannot start with these settings:',
        '  - Expected PORT to be a whole number from 0 to 65535, got "http"',
        '  - Expected API_KEYS to be visible ASCII without blanks, got 1 other keys',
        '  - Expected ATTEMPTS to be a whole number from 1 to 100, got "-1"',
        '',
      ].join('\n'),
    );
  });

  it('stops for a `.env` that begins with a byte-order mark, and judges what is in it', async () => {
    const project = projectWithEnvFile('\uFEFFATTEMPTS=0\nMAX_QUEUED_IMAGES=10\n');
    const settings = { API_KEYS: ',', IMAGE_RELAY_ENV_FILE: undefined };
    try {
      const { output, exited } = spawnService(settings, { project });
      expect(await exited).toBe(1);
      expect(output.stdout).toBe('');
      expect(output.stderr).toBe(
        [
          'The service cannot start with these settings:',
          '  - Expected .env to be UTF-8 without a byte-order mark, got one at its beginning',
          '  - Expected API_KEYS to hold a key or to be empty, got commas alone',
          '  - Expected MAX_QUEUED_IMAGES to be at least MAX_URLS_PER_JOB, which is 1000, got "10"',
          '  - Expected ATTEMPTS to be a whole number from 1 to 100, got "0"',
          '',
        ].join('\n'),
      );
    } finally {
      fs.rmSync(project, { recursive: true });
    }
  });

  it('is no start by the settings of whoever runs the tests', async () => {
    const project = projectWithEnvFile('ATTEMPTS=0\n');
    try {
      const { output, exited } = spawnService({ API_KEYS: ',' }, { project });
      expect(await exited).toBe(1);
      expect(output.stderr).toContain('API_KEYS');
      expect(output.stderr).not.toContain('ATTEMPTS');
    } finally {
      fs.rmSync(project, { recursive: true });
    }
  });

  it('says so in the same form when the port is taken, whatever is logged', async () => {
    const taker = net.createServer().listen(0, '127.0.0.1');
    await once(taker, 'listening');
    const { port } = taker.address() as AddressInfo;
    try {
      const { output, exited } = spawnService({ PORT: String(port), LOG_LEVEL: 'silent' });
      expect(await exited).toBe(1);
      expect(output.stdout).toBe('');
      expect(output.stderr).toBe(
        [
          'The service cannot start with these settings:',
          '  - Expected HOST and PORT to be free to listen on, got: ' +
            `listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
          '',
        ].join('\n'),
      );
    } finally {
      taker.close();
    }
  });
});
