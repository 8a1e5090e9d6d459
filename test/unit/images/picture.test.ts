import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { Cancellation } from '../../../lib/cancellation';
import { openPicture } from '../../../lib/images/open-picture';
import type { Picture } from '../../../lib/images/picture';
import { bigJpeg } from '../../support/big-jpeg';
import { picture } from '../../support/pictures';

const PNG = picture('rgb8.png');
const URL_OF_IT = new URL('http://a.example/');

/** A source whose body the test writes, and what its picture says meanwhile. */
function open({
  announced = null,
  maxBytes = 10_000_000,
  body = new PassThrough(),
}: { announced?: number | null; maxBytes?: number; body?: PassThrough } = {}) {
  const said: string[] = [];
  const arrived = { bytes: 0 };
  const broken: unknown[] = [];
  const cancellation = new Cancellation();
  const opened = openPicture(
    { body: body as unknown as IncomingMessage, announcedBytes: announced, url: URL_OF_IT },
    maxBytes,
    {
      arrived: (count) => (arrived.bytes += count),
      full: () => said.push('full'),
      wanted: () => said.push('wanted'),
      broken: (error) => broken.push(error),
    },
    cancellation,
  );
  return { body, opened, said, arrived, broken, cancellation };
}

/** All that is given out, and what it ends with. */
async function read(opened: Promise<Picture>): Promise<{ bytes: Buffer; error: unknown }> {
  const given: Buffer[] = [];
  const shown = await opened;
  const error = await new Promise((resolve) => {
    shown.on('data', (chunk: Buffer) => given.push(chunk));
    shown.once('end', () => resolve(null));
    shown.once('error', resolve);
  });
  return { bytes: Buffer.concat(given), error };
}

describe('a picture', () => {
  it.each([
    ['with a length', PNG.length],
    ['without one', null],
  ])('is given out whole, its first bytes included, %s', async (_what, announced) => {
    const { body, opened, arrived, broken } = open({ announced });
    // Fewer than its type is judged by, at first.
    for (const byte of PNG.subarray(0, 100)) body.write(Buffer.of(byte));
    body.end(PNG.subarray(100));
    const { bytes, error } = await read(opened);
    expect([bytes.equals(PNG), error, broken]).toEqual([true, null, []]);
    expect(await opened).toMatchObject({ type: { mime: 'image/png' }, bytes: PNG.length });
    expect(arrived.bytes).toBe(PNG.length);
  });

  it('of fewer bytes than its type could be judged by is judged by those', async () => {
    const gif = Buffer.from('474946383961' + '0100010000000000' + '3b', 'hex');
    const { body, opened } = open();
    body.end(gif);
    expect((await read(opened)).bytes).toEqual(gif);
  });

  it('that breaks off where its length says it ends is not given out to its end', async () => {
    const cut = PNG.subarray(0, -20);
    const { body, opened, broken } = open({ announced: cut.length });
    body.write(cut.subarray(0, 500));
    const reading = read(opened);
    await turn();
    body.end(cut.subarray(500));
    const { bytes, error } = await reading;
    expect(bytes).toHaveLength(500);
    expect(error).toMatchObject({ code: 'truncated' });
    expect(broken).toEqual([error]);
  });

  it.each([
    ['fewer bytes than announced', PNG.length + 1, `${PNG.length} of the ${PNG.length + 1} bytes`],
    ['no length, and breaks off', null, 'The picture breaks off'],
  ])('of %s is truncated', async (_what, announced, message) => {
    const { body, opened, broken } = open({ announced });
    body.end(announced === null ? PNG.subarray(0, -20) : PNG);
    const { error } = await read(opened);
    expect(error).toMatchObject({ code: 'truncated', message: expect.stringContaining(message) });
    expect(broken).toEqual([error]);
  });

  it('may have as many bytes as it may, and none more', async () => {
    const just = open({ maxBytes: PNG.length });
    just.body.end(PNG);
    expect((await read(just.opened)).error).toBeNull();

    const over = open({ maxBytes: PNG.length - 1 });
    over.body.write(PNG.subarray(0, -1));
    const reading = read(over.opened);
    await turn();
    over.body.end(PNG.subarray(-1));
    expect(await reading).toMatchObject({
      bytes: { length: PNG.length - 1 },
      error: { code: 'too_large' },
    });
  });

  it('is truncated where its source breaks off, also before its type is known', async () => {
    const cause = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    const early = open();
    early.body.write(PNG.subarray(0, 5));
    await turn();
    early.body.destroy(cause);
    await expect(early.opened).rejects.toMatchObject({ code: 'truncated', cause });

    const late = open();
    late.body.write(PNG.subarray(0, 500));
    const reading = read(late.opened);
    await turn();
    late.body.destroy(cause);
    expect((await reading).error).toMatchObject({ code: 'truncated', cause });

    const before = new PassThrough();
    before.on('error', () => undefined).destroy(cause);
    await turn();
    await expect(open({ body: before }).opened).rejects.toMatchObject({ code: 'truncated' });
  });

  it.each([
    ['nothing', Buffer.alloc(0), null, 'empty'],
    ['nothing of what was announced', Buffer.alloc(0), 10, 'truncated'],
    ['text', Buffer.from('<svg></svg>'), null, 'not_an_image'],
    ['WebP', picture('lossy.webp'), null, 'unsupported_image'],
  ])('is none where %s comes', async (_what, bytes, announced, code) => {
    const { body, opened } = open({ announced });
    body.end(bytes);
    await expect(opened).rejects.toMatchObject({ code });
  });

  it('is waited for no longer once that is cancelled', async () => {
    const { opened, cancellation } = open();
    const reason = new Error('enough');
    cancellation.cancel(reason);
    await expect(opened).rejects.toBe(reason);
  });

  it('waits for its source no more once all of it is there', async () => {
    const { body, opened, said } = open({ announced: PNG.length });
    body.end(PNG);
    await opened;
    await read(opened);
    expect(said).toEqual(['full']);
  });

  it('ends with what its source did wrong in mid-body, where that is no broken connection', async () => {
    const { body, opened } = open();
    body.write(PNG.subarray(0, 500));
    const reading = read(opened);
    await turn();
    body.destroy(Object.assign(new Error('chunk'), { code: 'HPE_INVALID_CHUNK_SIZE' }));
    expect((await reading).error).toMatchObject({ code: 'bad_response' });
  });

  it('takes no more of its source than its reader takes, and says whom it waits for', async () => {
    const jpeg = bigJpeg(300_000);
    const { body, opened, said } = open({ announced: jpeg.length });
    for (let at = 0; at < jpeg.length; at += 10_000) body.write(jpeg.subarray(at, at + 10_000));
    const shown = await opened;
    await turn();
    expect([body.isPaused(), said]).toEqual([true, ['full']]);
    expect(shown.bytes).toBeLessThan(100_000);

    const first = shown.read() as Buffer;
    expect([body.isPaused(), said]).toEqual([false, ['full', 'wanted']]);
    const { bytes } = await read(opened);
    expect(Buffer.concat([first, bytes]).equals(jpeg)).toBe(true);
    expect(said.at(-1)).toBe('full');
  });
});
