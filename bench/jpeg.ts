const made = new Map<number, Buffer>();

/**
 * A JPEG of exactly that many bytes, whole by its structure. Between its ends lies noise as in a
 * real one: each 0xFF is followed by a 0x00, on average every 256 bytes.
 */
export function jpeg(bytes: number): Buffer {
  let picture = made.get(bytes);
  if (!picture) {
    picture = makeJpeg(bytes);
    made.set(bytes, picture);
  }
  return picture;
}

function makeJpeg(bytes: number): Buffer {
  const picture = Buffer.alloc(bytes, 0x11);
  picture.write('ffd8ffda0002', 0, 'hex');
  let state = 0x9e3779b9;
  for (let at = 6; at < bytes - 4; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    picture[at] = state & 0xff;
    if (picture[at] === 0xff) {
      at += 1;
      picture[at] = 0;
    }
  }
  picture.write('ffd9', bytes - 2, 'hex');
  return picture;
}
