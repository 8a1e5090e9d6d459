import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

/** Signature of an entry of the central directory, and of its end (APPNOTE.TXT 4.3.12 and 4.3.16). */
const ENTRY = 0x02014b50;
const END = 0x06054b50;
const DEFLATED = 8;

/** Unpacks a zip that was just made: no encryption, no ZIP64, no comment. */
export function unzip(file: string, folder: string): void {
  const zip = fs.readFileSync(file);
  const end = zip.length - 22;
  if (zip.readUInt32LE(end) !== END) throw new Error(`Expected ${file} to end as a zip does`);
  let at = zip.readUInt32LE(end + 16);
  while (zip.readUInt32LE(at) === ENTRY) {
    const [nameLength, extra, comment] = [28, 30, 32].map((each) => zip.readUInt16LE(at + each));
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength!);
    const local = zip.readUInt32LE(at + 42);
    const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(begin, begin + zip.readUInt32LE(at + 20));
    const target = path.join(folder, name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    const isDeflated = zip.readUInt16LE(at + 10) === DEFLATED;
    fs.writeFileSync(target, isDeflated ? zlib.inflateRawSync(bytes) : bytes);
    at += 46 + nameLength! + extra! + comment!;
  }
}
