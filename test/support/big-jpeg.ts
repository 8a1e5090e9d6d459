/** A JPEG that is whole by its structure and as large as is asked for. */
export function bigJpeg(bytes: number): Buffer {
  const start = Buffer.from('ffd8ffda0002', 'hex');
  const end = Buffer.from('ffd9', 'hex');
  return Buffer.concat([start, Buffer.alloc(bytes - start.length - end.length, 0x11), end]);
}
