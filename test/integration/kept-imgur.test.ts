import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync, statSync, watch, type FSWatcher } from 'node:fs';
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
const SIZE = 3_000_000;
const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

/** Runs what `npm run imgur -- --dir` runs. */
function run(folder: string, ...more: string[]) {
  const args = ['cli/imgur.cjs', '--port', '0', '--dir', folder, ...more];
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

/** A picture of 3 MB, which takes many writes, that hardly another one is like: what follows its end is not looked at. */
function anyPicture(): Buffer {
  return Buffer.concat([picture('baseline.jpg'), Buffer.alloc(SIZE, randomInt(256))]);
}

/** Resolves when some file in the folder is there in part. */
async function halfFile(folder: string): Promise<void> {
  const watchers: FSWatcher[] = [];
  let late: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      late = setTimeout(
        () => reject(new Error('Expected to see a file being written, saw none')),
        20_000,
      );
      for (const part of ['temporary', 'pictures'].map((name) => path.join(folder, name))) {
        const look = (name: string): void => {
          const { size = 0 } = statSync(path.join(part, name), { throwIfNoEntry: false }) ?? {};
          if (size > 100_000 && size < SIZE) resolve();
        };
        watchers.push(watch(part, (_event, name) => name !== null && look(name)));
      }
    });
  } finally {
    clearTimeout(late);
    for (const watcher of watchers) watcher.close();
  }
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
    // Not a wait for something to be so: the moment is to be any, and each second time amid a file.
    if (kills % 2 === 0) await wait(randomInt(20));
    else await halfFile(folder);
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

test('two processes have one folder: each serves and deletes what the other keeps, within one bound', async () => {
  const folder = newFolder();
  const small = Buffer.concat([picture('baseline.jpg'), Buffer.alloc(100_000)]);
  const room = 20 * (small.length + 2048);
  const bound = ['--bytes', String(room)];
  const [one, other] = [run(folder, ...bound), run(folder, ...bound)];
  const urls = [await one.ready(), await other.ready()] as const;
  const given = new Map<string, number>();
  const fill = async (at: 0 | 1): Promise<void> => {
    for (;;) {
      try {
        given.set(await upload(urls[at], small), at);
      } catch {
        return;
      }
    }
  };
  await Promise.all([fill(0), fill(1)]);
  // Each has kept some. Had each counted its own alone, there would be twice as many as there is room for.
  expect(new Set(given.values())).toEqual(new Set([0, 1]));
  const pictures = readdirSync(path.join(folder, 'pictures'));
  expect(pictures.sort()).toEqual([...given.keys()].sort());
  expect(pictures.length).toBeGreaterThanOrEqual(20);
  expect(pictures.length).toBeLessThan(40);

  for (const [file, at] of given) {
    const kept = await (await fetch(`${urls[1 - at]}/${file}`)).buffer();
    expect(kept.equals(small)).toBe(true);
  }
  const [first = ''] = [...given].find(([, at]) => at === 0) ?? [];
  const remove = async (file: string): Promise<number> => {
    const record = readFileSync(path.join(folder, 'records', `${file.slice(0, 7)}.json`), 'utf8');
    const { deletehash } = JSON.parse(record) as { deletehash: string };
    const headers = { Authorization: 'Client-ID any' };
    const address = `${urls[1]}/3/image/${deletehash}`;
    return (await fetch(address, { method: 'DELETE', headers })).status;
  };
  expect(await remove(first)).toBe(200);
  expect((await fetch(`${urls[0]}/${first}`)).status).toBe(404);
  // The end of one is nothing to the other.
  await one.kill();
  const [last = ''] = [...given].find(([file]) => file !== first) ?? [];
  expect((await fetch(`${urls[1]}/${last}`)).status).toBe(200);
  // Both may have taken a last one at the same moment: then one less is not room yet.
  const others = [...given.keys()].filter((file) => file !== first && file !== last);
  for (const file of others.slice(0, pictures.length - 19)) expect(await remove(file)).toBe(200);
  expect(path.extname(await upload(urls[1], small))).toBe('.jpg');
});
