import { spawn } from 'node:child_process';
import path from 'node:path';
import FormData from 'form-data';
import fetch from 'node-fetch';
import { awaitUntil } from '../support/await-until';
import { picture } from '../support/pictures';

jest.setTimeout(30_000);

const ROOT = path.join(__dirname, '..', '..');
const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

/** Runs what `npm run imgur --` runs. */
function run(...args: readonly string[]) {
  const child = spawn(process.execPath, ['cli/imgur.cjs', ...args], { cwd: ROOT });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const exited = new Promise<number | string | null>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  ending.push(() => child.kill('SIGKILL') && exited);
  return {
    output,
    exited,
    end: (signal: NodeJS.Signals) => child.kill(signal),
    ready: () => awaitUntil('it to be ready', () => /ready at (\S+)\n/.exec(output.stdout)?.[1]),
  };
}

/** As ShareX does it: nothing but the picture, by the newer path. */
function upload(url: string, clientId: string) {
  const form = new FormData();
  const file = { filename: 'shot.png', contentType: 'image/png' };
  form.append('image', picture('palette.png'), file);
  const headers = { Authorization: `Client-ID ${clientId}`, ...form.getHeaders() };
  return fetch(`${url}/3/upload`, { method: 'POST', body: form.getBuffer(), headers });
}

describe('npm run imgur', () => {
  it('takes an upload, shows the picture, and deletes it by its deletehash', async () => {
    const imgur = run('--port', '0', '--client-id', 'mine', '--client-id', 'yours');
    const url = await imgur.ready();
    expect((await upload(url, 'nobody')).status).toBe(403);
    const { data } = (await (await upload(url, 'yours')).json()) as {
      data: { id: string; link: string; deletehash: string };
    };

    expect(data.link).toBe(`${url}/${data.id}.png`);
    const shown = await fetch(data.link);
    expect(shown.headers.get('content-type')).toBe('image/png');
    expect(await shown.buffer()).toEqual(picture('palette.png'));

    const deleted = await fetch(`${url}/3/image/${data.deletehash}`, {
      method: 'DELETE',
      headers: { Authorization: 'Client-ID mine' },
    });
    expect(await deleted.json()).toEqual({ data: true, success: true, status: 200 });
    expect((await fetch(data.link)).status).toBe(404);

    imgur.end('SIGTERM');
    expect(await imgur.exited).toBe(0);
    expect(imgur.output.stderr).toBe('');
  });

  it('plays faults that are asked for over HTTP, and ends with an interrupt', async () => {
    const imgur = run('--port', '0', '--public-url', 'https://i.example/a/');
    const url = await imgur.ready();
    const body = JSON.stringify({ upload: ['row10_over_capacity'] });
    expect((await fetch(`${url}/faults`, { method: 'PUT', body })).status).toBe(200);
    expect((await upload(url, 'mine')).status).toBe(403);
    const { data } = (await (await upload(url, 'mine')).json()) as { data: { link: string } };
    expect(data.link).toMatch(/^https:\/\/i\.example\/a\/\w{7}\.png$/);
    imgur.end('SIGINT');
    expect(await imgur.exited).toBe(0);
  });

  it('lets tokens in, and trades them', async () => {
    const imgur = run('--port', '0', '--access-token', 'old', '--refresh-token', 'first');
    const url = await imgur.ready();
    const credits = async (token: string): Promise<number> => {
      const headers = { Authorization: `Bearer ${token}` };
      return (await fetch(`${url}/3/credits`, { headers })).status;
    };
    expect(await credits('old')).toBe(200);
    const response = await fetch(`${url}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        refresh_token: 'first',
        client_id: 'mine',
        client_secret: 'secret',
        grant_type: 'refresh_token',
      }),
    });
    const { access_token } = (await response.json()) as { access_token: string };
    expect([await credits('old'), await credits(access_token)]).toEqual([403, 200]);
  });

  it('refuses what makes no sense, and a port that is taken, in one message', async () => {
    const { port } = new URL(await run('--port', '0').ready());
    const refusals = [
      { args: ['--port', '70000'], status: 2, message: /--port.*"70000"/ },
      { args: ['--public-url', 'ftp://a.example'], status: 2, message: /--public-url.*"ftp:/ },
      { args: ['--fault', 'x'], status: 2, message: /--fault/ },
      { args: ['--port', port], status: 1, message: /EADDRINUSE/ },
    ].map(async ({ args, status, message }) => {
      const { output, exited } = run(...args);
      expect(await exited).toBe(status);
      expect(output.stderr).toMatch(message);
      expect(output.stderr).not.toMatch(/^ +at /m);
      expect(output.stdout).toBe('');
    });
    await Promise.all(refusals);
  });

  it('--help says how it is used', async () => {
    const { output, exited } = run('--help');
    expect(await exited).toBe(0);
    expect(output.stdout).toMatch(/^Usage: npm run imgur -- /);
  });
});
