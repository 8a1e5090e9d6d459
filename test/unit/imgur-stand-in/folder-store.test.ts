import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openFolderStore } from '../../../lib/imgur-stand-in/folder-store';
import { newFolder } from '../../support/new-folder';
import {
  fileOf,
  fixture,
  pictureForm,
  post,
  startImgur,
  stopImgurs,
  upload,
} from './imgur-under-test';

const JPEG = fixture('baseline.jpg');
const HERE = hostname().replace(/[^\w-]/g, '_');

afterEach(stopImgurs);

describe('a folder of pictures', () => {
  test('has all again after a restart, by every name', async () => {
    const directory = newFolder();
    const { data } = await upload(await startImgur({ directory }), JPEG);
    await stopImgurs();

    const imgur = await startImgur({ directory });
    const kept = await imgur.picture(fileOf(data.link));
    expect(kept?.bytes.equals(JPEG)).toBe(true);
    expect(kept?.type).toBe('image/jpeg');
    expect((await imgur.pages.askDelete(data.deletehash)).status).toBe(200);
    expect((await imgur.pages.askDelete(`${data.id}12345678`)).status).toBe(404);
  });

  test('is one for two processes: each has what the other keeps and deletes', async () => {
    const directory = newFolder();
    const [one, other] = [await startImgur({ directory }), await startImgur({ directory })];
    const { data } = await upload(one, JPEG);
    expect(await other.picture(fileOf(data.link))).toBeDefined();
    await other.pages.delete(data.deletehash);
    expect(await one.picture(fileOf(data.link))).toBeUndefined();
  });

  test('drops nothing when it is full, and says so as Imgur does', async () => {
    const directory = newFolder();
    const maxBytes = 3 * (JPEG.length + 2048);
    const imgur = await startImgur({ directory, maxBytes });
    const links = [];
    for (let index = 0; index < 3; index += 1) {
      links.push((await upload(imgur, JPEG)).data.link);
    }
    const refused = await post(`${imgur.url}/3/image`, pictureForm(JPEG));
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('Imgur is temporarily over capacity');
    for (const link of links) expect(await imgur.picture(fileOf(link))).toBeDefined();
    expect(imgur.heldBytes).toBeLessThanOrEqual(maxBytes);
    expect(readdirSync(join(directory, 'records'))).toHaveLength(3);

    // It counts what was there before as well.
    await stopImgurs();
    const again = await startImgur({ directory, maxBytes });
    expect((await post(`${again.url}/3/image`, pictureForm(JPEG))).status).toBe(403);
  });

  test('gives room again for what was deleted', async () => {
    const imgur = await startImgur({ directory: newFolder(), maxBytes: JPEG.length + 2048 });
    const { data } = await upload(imgur, JPEG);
    expect((await post(`${imgur.url}/3/image`, pictureForm(JPEG))).status).toBe(403);
    await imgur.pages.delete(data.deletehash);
    expect((await post(`${imgur.url}/3/image`, pictureForm(JPEG))).status).toBe(200);
  });

  test('is rid of what killed processes left, and of nothing that may be under way', async () => {
    const directory = newFolder();
    const temporary = join(directory, 'temporary');
    mkdirSync(temporary, { recursive: true });
    const names = {
      dead: `${HERE}.4194305.aaaa.1`,
      ofPredecessor: `${HERE}.${process.pid}.aaaa.2`,
      alive: `${HERE}.${process.ppid}.aaaa.3`,
      elsewhere: 'other-host.1.aaaa.4',
      longAgo: 'other-host.1.aaaa.5',
    };
    for (const name of Object.values(names)) writeFileSync(join(temporary, name), 'half');
    utimesSync(join(temporary, names.longAgo), 0, 0);
    const store = await openFolderStore({ directory, maxBytes: 1_000_000 });
    store.close();
    expect(readdirSync(temporary).sort()).toEqual([names.alive, names.elsewhere].sort());
  });

  test('forgets a record whose picture was never written', async () => {
    const directory = newFolder();
    mkdirSync(join(directory, 'records'));
    for (const [name, seconds] of [
      ['aaaaaaa.json', 0],
      ['bbbbbbb.json', Date.now() / 1000],
    ] as const) {
      writeFileSync(join(directory, 'records', name), '{"ext":"jpg"}');
      utimesSync(join(directory, 'records', name), seconds, seconds);
    }
    const store = await openFolderStore({ directory, maxBytes: 1_000_000 });
    const arrival = await store.admit(1, new AbortController().signal);
    arrival.release();
    store.close();
    expect(readdirSync(join(directory, 'records'))).toEqual(['bbbbbbb.json']);
    expect(await store.byId('bbbbbbb')).toBeUndefined();
  });

  test('leads nowhere else by any name', async () => {
    const directory = newFolder();
    writeFileSync(join(directory, 'secret.jpg'), 'x');
    const store = await openFolderStore({ directory, maxBytes: 1_000_000 });
    store.close();
    expect(await store.read('../secret.jpg')).toBeUndefined();
    expect(await store.read('../records/aaaaaaa.json')).toBeUndefined();
    expect(await store.byId('../../x')).toBeUndefined();
    expect(await store.albumByDeletehash('../../../../x')).toBeUndefined();
  });

  test('is refused at the start where it cannot be written', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    await expect(startImgur({ directory: file })).rejects.toThrow(/ENOTDIR|EEXIST/);
  });
});
