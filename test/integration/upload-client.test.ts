import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createServiceClient } from '../../cli/service-client';
import { runUploadClient } from '../support/upload-client';

const ID = '55355b7c-9b86-4a1a-b32e-6cdd6db07183';
const URLS = [1, 2, 3, 4].map((n) => `http://a.example/${n}`);
const LINKS = ['https://i.imgur.com/gAGub9k.jpg', 'https://i.imgur.com/b1rdS0n.png'];

/** A service that uploads the second picture and the last, fails with the third, and then is started anew. */
async function startForgetful(): Promise<{ url: string; server: http.Server }> {
  let looks = 0;
  const answer = (response: http.ServerResponse, status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const server = http.createServer((request, response) => {
    request.resume();
    if (request.method === 'POST') {
      answer(response, 202, { jobId: ID });
      return;
    }
    if (request.url === '/health') {
      answer(response, 200, { pausedUntil: null });
      return;
    }
    looks += 1;
    if (looks > 1) {
      answer(response, 404, { detail: 'There is no job of this id.' });
      return;
    }
    const uploaded = { pending: [URLS[0]], complete: LINKS, failed: [URLS[2]] };
    answer(response, 200, { id: ID, status: 'in-progress', uploaded });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe('the command-line client, where the service stops amid a job', () => {
  let url: string;
  let server: http.Server;
  beforeEach(async () => ({ url, server } = await startForgetful()));
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('leaves what was uploaded on standard output, and ends with 1', async () => {
    const { exited, output } = runUploadClient([...URLS, '--service', url]);
    expect([await exited, output.stdout]).toEqual([
      1,
      `${URLS[1]} → ${LINKS[0]}\n${URLS[3]} → ${LINKS[1]}\n`,
    ]);
    expect(output.stderr.split('\n').slice(1)).toEqual([
      'There is no job of this id.',
      `${URLS[2]} failed: the reason went with the service`,
      'Uploaded 2 images, 1 failed, what became of 1 is not known.',
      '',
    ]);
  });

  it('says the same as JSON', async () => {
    const { exited, output } = runUploadClient([...URLS, '--json', '--service', url]);
    expect(await exited).toBe(1);
    expect(JSON.parse(output.stdout)).toEqual({
      jobs: [ID],
      images: [
        { url: URLS[0], status: 'pending', link: null, error: null },
        { url: URLS[1], status: 'complete', link: LINKS[0], error: null },
        { url: URLS[2], status: 'failed', link: null, error: null },
        { url: URLS[3], status: 'complete', link: LINKS[1], error: null },
      ],
    });
  });

  it('does not advise to start a service that was there a moment ago', async () => {
    const client = createServiceClient(url, null);
    await client.health();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    await expect(client.job(ID)).rejects.toThrow(
      `The service at ${url} is gone: connection refused.`,
    );
    await expect(createServiceClient(url, null).job(ID)).rejects.toThrow(
      `No service answers at ${url}: connection refused (start it with \`npm start\`).`,
    );
  });
});

describe('the output of the command-line client', () => {
  const run = (stdout: 'pipe' | number, env: Record<string, string> = {}, args = ['--help']) =>
    spawnSync(process.execPath, ['cli/upload.cjs', ...args], {
      cwd: path.join(__dirname, '..', '..'),
      env: { ...process.env, ...env },
      stdio: ['ignore', stdout, 'pipe'],
      encoding: 'utf8',
    });

  it('ends with one line and status 2 where there is no room for it', () => {
    const full = fs.openSync('/dev/full', 'w');
    try {
      const { status, stderr } = run(full);
      expect([status, stderr]).toEqual([
        2,
        'Standard output does not take what is written to it: ENOSPC.\n',
      ]);
    } finally {
      fs.closeSync(full);
    }
  });

  it('is told to have a header of npm, unless npm is silent', () => {
    const args = ['--file', 'no-such.txt'];
    const hint =
      'npm adds a header of its own to standard output: `npm run -s upload` leaves it out.';
    const npm = { npm_lifecycle_event: 'upload', INIT_CWD: __dirname };
    expect(run('pipe', { ...npm, npm_config_loglevel: 'notice' }, args).stderr).toContain(hint);
    expect(run('pipe', { ...npm, npm_config_loglevel: 'silent' }, args).stderr).not.toContain(hint);
    expect(run('pipe', {}, args).stderr).not.toContain(hint);
  });
});
