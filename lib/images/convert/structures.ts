import type { Structure } from '../structure-walk';

/** WebP: a RIFF file says how long it is (RFC 9649, section 2.3). What comes behind that is odd. */
export function* webpStructure(): Structure {
  const header = yield { op: 'read', bytes: 12 };
  const bytes = header.readUInt32LE(4);
  if (bytes < 12) return 'unknown';
  yield { op: 'skip', bytes: bytes - 4 };
  return 'whole';
}

/** AVIF: boxes, of which each says how long it is (ISO 14496-12, section 4.2). */
export function* avifStructure(): Structure {
  for (;;) {
    const header = yield { op: 'read', bytes: 8, mayEnd: true };
    const bytes = header.readUInt32BE(0);
    // 0: to the end of the file; 1: the length follows, in 64 bits.
    if (bytes === 0) return 'unknown';
    if (bytes === 1) {
      const long = (yield { op: 'read', bytes: 8 }).readBigUInt64BE(0);
      if (long < 16n || long > BigInt(Number.MAX_SAFE_INTEGER)) return 'unknown';
      yield { op: 'skip', bytes: Number(long) - 16 };
    } else {
      if (bytes < 8) return 'unknown';
      yield { op: 'skip', bytes: bytes - 8 };
    }
  }
}
