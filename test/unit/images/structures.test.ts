import {
  bmpStructure,
  gifStructure,
  jpegStructure,
  pngStructure,
  tiffStructure,
} from '../../../lib/images/structures';
import { walkStructure, type Structure } from '../../../lib/images/structure-walk';
import { ACCEPTED, picture } from '../../support/pictures';

const STRUCTURES: Record<string, () => Structure> = {
  'image/jpeg': jpegStructure,
  'image/png': pngStructure,
  'image/gif': gifStructure,
  'image/bmp': bmpStructure,
  'image/tiff': tiffStructure,
};

function verdictOf(structure: Structure, bytes: Buffer, chunkBytes = 65_536): string {
  const walked = walkStructure(structure);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    walked.push(bytes.subarray(at, at + chunkBytes));
  }
  return walked.verdict();
}

const walkable = Object.entries(ACCEPTED).filter(([, mime]) => mime !== 'image/tiff');

describe('the structures of picture files', () => {
  it.each(walkable)('%s is whole, however it is cut into chunks', (name, mime) => {
    const bytes = picture(name);
    for (const chunkBytes of [1, 2, 3, 1000, 65_536]) {
      expect(verdictOf(STRUCTURES[mime]!(), bytes, chunkBytes)).toBe('whole');
    }
  });

  it.each(walkable)('%s is cut wherever its end is missing', (name, mime) => {
    const bytes = picture(name);
    const lengths = [0, 1, 5, 20, 33, 100, 1000, bytes.length >> 1, bytes.length - 3];
    for (const length of lengths) {
      const verdict = verdictOf(STRUCTURES[mime]!(), bytes.subarray(0, length));
      expect(`${length}: ${verdict}`).toBe(`${length}: cut`);
    }
  });

  it.each([
    ['little.tiff', 42_270],
    ['big.tiff', 42_270],
  ])('%s is cut where it ends before its first directory does', (name, directory) => {
    const bytes = picture(name);
    const entries = bytes.length - directory;
    expect(entries).toBeGreaterThan(2 + 12);
    for (const length of [0, 4, 7, 8, 9, 1000, directory, directory + 1, directory + 13]) {
      const verdict = verdictOf(tiffStructure(), bytes.subarray(0, length));
      expect(`${length}: ${verdict}`).toBe(`${length}: cut`);
    }
  });

  it.each(['little.tiff', 'big.tiff'])('%s is passed on, however it is cut into chunks', (name) => {
    for (const chunkBytes of [1, 2, 3, 1000, 65_536]) {
      expect(verdictOf(tiffStructure(), picture(name), chunkBytes)).toBe('unknown');
    }
  });

  it.each([
    ['whose directory comes first', '49492a00' + '08000000' + '0100' + '00'.repeat(12)],
    ['without an entry', '4d4d002a' + '00000008' + '0000'],
    ['whose directory would lie in its header', '49492a00' + '04000000'],
  ])('passes on an odd TIFF %s', (_what, hex) => {
    expect(verdictOf(tiffStructure(), Buffer.from(hex, 'hex'))).toBe('unknown');
  });

  it('knows half a JPEG with a whole HTTP body', () => {
    expect(verdictOf(jpegStructure(), picture('cut-short.jpg'))).toBe('cut');
  });

  it('does not mind what follows a picture', () => {
    const bytes = Buffer.concat([picture('baseline.jpg'), Buffer.from('trailing data')]);
    expect(verdictOf(jpegStructure(), bytes)).toBe('whole');
  });

  it('does not refuse a GIF that lacks but its trailer', () => {
    expect(verdictOf(gifStructure(), picture('still.gif').subarray(0, -1))).toBe('unknown');
  });

  it('says unknown, not cut, where it does not understand the file', () => {
    expect(verdictOf(gifStructure(), picture('polyglot.gif'))).toBe('unknown');
    expect(verdictOf(jpegStructure(), Buffer.from('ffd8ffe00002aabb', 'hex'))).toBe('unknown');
    expect(verdictOf(tiffStructure(), picture('little.tiff'))).toBe('unknown');
    const compressed = Buffer.from(picture('plain.bmp'));
    compressed.writeUInt32LE(1, 30);
    expect(verdictOf(bmpStructure(), compressed)).toBe('unknown');
  });

  it.each([
    ['a JPEG of empty segments', jpegStructure, 'ffd8', 'ffe10002'],
    ['a GIF of empty extensions', gifStructure, '47494638396101000100000000', '21fe00'],
    ['a PNG of empty chunks', pngStructure, '89504e470d0a1a0a', '000000007445587400000000'],
  ])('gives up on %s before it costs much', (_what, structure, start, block) => {
    const blocks = Buffer.alloc(10_000_000, Buffer.from(block, 'hex'));
    const bytes = Buffer.concat([Buffer.from(start, 'hex'), blocks]);
    // Read to its end, it would be found to be cut.
    expect(verdictOf(structure(), bytes)).toBe('unknown');
  });

  it('steps over the blocks of a GIF wherever they are cut', () => {
    const blocks = Buffer.alloc(1_000_000, Buffer.from('0100', 'hex'));
    const start = Buffer.from('47494638396101000100000000' + '21fe', 'hex');
    const bytes = Buffer.concat([start, blocks, Buffer.from('03aabbcc' + '00' + '3b', 'hex')]);
    for (const chunkBytes of [1, 2, 3, 1000]) {
      expect(verdictOf(gifStructure(), bytes, chunkBytes)).toBe('whole');
      expect(verdictOf(gifStructure(), bytes.subarray(0, -2), chunkBytes)).toBe('cut');
    }
  });

  it('steps over stuffed bytes, fill bytes and restarts in the data of a scan', () => {
    const scan = Buffer.from('ffd8ffda0002' + '11ff00ffd022ffff00ffd7' + 'ffffd9', 'hex');
    for (const chunkBytes of [1, 2, 100]) {
      expect(verdictOf(jpegStructure(), scan, chunkBytes)).toBe('whole');
      expect(verdictOf(jpegStructure(), scan.subarray(0, -1), chunkBytes)).toBe('cut');
    }
  });
});
