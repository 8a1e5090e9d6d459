import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import FormData from 'form-data';
import fetch from 'node-fetch';
import { awaitUntil } from '../support/await-until';
import { newFolder } from '../support/new-folder';
import { picture } from '../support/pictures';

jest.setTimeout(120_000);

const ROOT = path.join(__dirname, '..', '..');
const KILLS = 20;
const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

/** Runs what `npm run imgur -- --dir` runs. */
function run(folder: string) {
  const args = ['cli/imgur.cjs', '--port', '0', '--dir', folder];
  const child = spawn(process.execPath, args, { cwd: ROOT });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const exited = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  ending.push(kill);
  const ready = () => awaitUntil('it to be ready', () => /ready at (\S+)\n/.exec(stdout)?.[1]);
  return { kill, ready };
}

/** A picture of 8 MB, which takes many writes, that hardly another one is like: what follows its end is not looked at. */
function anyPicture(): Buffer {
  return Buffer.concat([picture('baseline.jpg'), Buffer.alloc(8_000_000, randomInt(256))]);
}

async function upload(url: string, bytes: Buffer): Promise<string> {
  const form = new FormData();
  form.append('image', bytes, { filename: 'shot.jpg' });
  const headers = { Authorization: 'Client-ID any', ...form.getHeaders() };
  const answer = await fetch(`${url}/3/image`, { method: 'POST', body: form.getBuffer(), headers });
  const { data } = (await answer.json()) as { data: { link: string } };
  return path.basename(data.link);
}

test('a folder survives kills in mid-upload: each link that was given has its whole picture', async () => {
  const folder = newFolder();
  const given = new Map<string, Buffer>();
  for (let kills = 0; kills < KILLS; kills += 1) {
    const imgur = run(folder);
    const url = await imgur.ready();
    expect(readdirSync(path.join(folder, 'temporary'))).toEqual([]);
    const moment = given.size + randomInt(4);
    const uploading = [0, 1, 2, 3].map(async () => {
      for (;;) {
        const bytes = anyPicture();
        try {
          given.set(await upload(url, bytes), bytes);
        } catch {
          return;
        }
      }
    });
    await awaitUntil('some uploads', () => given.size >= moment);
    // Not a wait for something to be so: the moment is to be any.
    await wait(randomInt(20));
    await imgur.kill();
    await Promise.all(uploading);
  }
  const url = await run(folder).ready();
  expect(given.size).toBeGreaterThan(0);
  for (const [file, bytes] of given) {
    const kept = await (await fetch(`${url}/${file}`)).buffer();
    expect(kept.equals(bytes)).toBe(true);
  }
  // Those whose link nobody heard of any more are whole as well.
  for (const file of readdirSync(path.join(folder, 'pictures'))) {
    const kept = await (await fetch(`${url}/${file}`)).buffer();
    expect(kept.length).toBe(anyPicture().length);
  }
  expect(readdirSync(path.join(folder, 'temporary'))).toEqual([]);
});
