import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  createFolderUsage,
  fileCost,
  type FolderUsage,
} from '../../../lib/imgur-stand-in/folder-usage';
import { newFolder } from '../../support/new-folder';

const SIZE = 1000;
const ROOM = 20 * fileCost(SIZE);
const FOLDER = 'pictures';

describe('how much the things in a folder take', () => {
  let directory: string;
  let usage: FolderUsage;

  /** As another process does it. */
  const keep = (id: string): void =>
    writeFileSync(path.join(directory, FOLDER, `${id}.png`), Buffer.alloc(SIZE));

  beforeEach(async () => {
    directory = newFolder();
    mkdirSync(path.join(directory, FOLDER));
    usage = createFolderUsage(directory, ROOM, [
      { folder: FOLDER, filesOf: (name) => [path.join(FOLDER, name)] },
    ]);
    await usage.refresh(0);
  });

  it('is read anew where more than half of the room is to be filled', async () => {
    keep('aaaaaaa');
    await usage.refresh(ROOM / 2 + 1);
    expect(usage.bytes).toBe(fileCost(SIZE));
  });

  it('is read anew where what was kept here has filled half of the room', async () => {
    for (let n = 0; n < 10; n += 1) usage.set(FOLDER, `own000${n}`, fileCost(SIZE));
    keep('aaaaaaa');
    await usage.refresh(1);
    // What was kept here is not in the folder, in this test.
    expect(usage.bytes).toBe(fileCost(SIZE));
  });

  it('is seen although the folder says that it was not changed since it was just read', async () => {
    const now = new Date();
    utimesSync(path.join(directory, FOLDER), now, now);
    await usage.refresh(ROOM);
    keep('aaaaaaa');
    utimesSync(path.join(directory, FOLDER), now, now);
    await usage.refresh(ROOM);
    expect(usage.bytes).toBe(fileCost(SIZE));
  });
});
