import type { Step, Structure } from './structure-walk';

const read = (bytes: number): Extract<Step, { op: 'read' }> => ({ op: 'read', bytes });
const skip = (bytes: number): Step => ({ op: 'skip', bytes });
const BYTE = read(1);
const LAST_BYTE = { ...BYTE, mayEnd: true };

/** PNG, APNG: chunks of length, type, data and checksum up to IEND (ISO/IEC 15948, clause 5). */
export function* pngStructure(): Structure {
  yield skip(8);
  for (;;) {
    const header = yield read(8);
    const length = header.readUInt32BE(0);
    if (length > 0x7fff_ffff) return 'unknown';
    yield skip(length + 4);
    if (header.toString('latin1', 4) === 'IEND') return 'whole';
  }
}

/** JPEG: segments, and entropy-coded data after each SOS, up to EOI (ITU-T T.81, annex B). */
export function* jpegStructure(): Structure {
  yield skip(2);
  let marker = yield* segmentMarker();
  for (;;) {
    if (marker === undefined) return 'unknown';
    if (marker === EOI) return 'whole';
    if (hasLength(marker)) {
      const length = (yield read(2)).readUInt16BE(0);
      if (length < 2) return 'unknown';
      yield skip(length - 2);
    }
    if (marker === SOS) marker = (yield { op: 'marker' })[0];
    else marker = yield* segmentMarker();
  }
}

const EOI = 0xd9;
const SOS = 0xda;

function* segmentMarker(): Generator<Step, number | undefined, Buffer> {
  if ((yield BYTE)[0] !== 0xff) return undefined;
  let marker = (yield BYTE)[0];
  // Any number of 0xFF may stand before a marker.
  while (marker === 0xff) marker = (yield BYTE)[0];
  return marker;
}

function hasLength(marker: number): boolean {
  return marker !== 0x01 && !(marker >= 0xd0 && marker <= 0xd8);
}

/** GIF: blocks up to the trailer (GIF89a specification, appendix B). */
export function* gifStructure(): Structure {
  yield skip(10);
  const screen = (yield BYTE)[0] ?? 0;
  yield skip(2);
  yield* skipColours(screen);
  for (let images = 0; ;) {
    // Many a GIF lacks its trailer, and every viewer shows it.
    const introducer = (yield images > 0 ? LAST_BYTE : BYTE)[0];
    if (introducer === 0x3b) return 'whole';
    if (introducer === 0x21) {
      yield skip(1);
    } else if (introducer === 0x2c) {
      yield skip(8);
      const image = (yield BYTE)[0] ?? 0;
      yield* skipColours(image);
      yield skip(1);
      images += 1;
    } else {
      return 'unknown';
    }
    yield { op: 'blocks' };
  }
}

function* skipColours(flags: number): Generator<Step, void, Buffer> {
  if (flags & 0x80) yield skip(3 * 2 ** ((flags & 7) + 1));
}

/** BMP without compression: its size follows from width, height and depth (BITMAPINFOHEADER). */
export function* bmpStructure(): Structure {
  const header = yield read(34);
  const pixels = header.readUInt32LE(10);
  if (header.readUInt32LE(14) < 40 || header.readUInt32LE(30) !== 0) return 'unknown';
  const width = header.readInt32LE(18);
  const height = Math.abs(header.readInt32LE(22));
  const rowBytes = 4 * Math.ceil((width * header.readUInt16LE(28)) / 32);
  if (width <= 0 || height === 0 || rowBytes === 0 || pixels < 34) return 'unknown';
  yield skip(pixels - 34 + rowBytes * height);
  return 'whole';
}

/**
 * TIFF puts its first directory anywhere and points into the file, so its end says nothing; but
 * without that directory, nobody can show it (TIFF 6.0, section 2). The offset of the next one,
 * which must follow, is not asked for: readers do without.
 */
export function* tiffStructure(): Structure {
  const header = yield read(8);
  const isLittle = header.toString('latin1', 0, 2) === 'II';
  const directory = isLittle ? header.readUInt32LE(4) : header.readUInt32BE(4);
  if (directory < 8) return 'unknown';
  yield skip(directory - 8);
  const count = yield read(2);
  yield skip(12 * (isLittle ? count.readUInt16LE(0) : count.readUInt16BE(0)));
  return 'unknown';
}
