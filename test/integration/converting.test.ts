import type { ImageRecord } from '../../lib/jobs/job';
import { startApp, type AppUnderTest } from '../support/app-under-test';
import { ACCEPTED, picture } from '../support/pictures';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import { describeWithSharp, sharp } from '../support/sharp';
import { startSource, type SourceServer } from '../support/source-server';
import {
  animation,
  avifSequence,
  CENTRES,
  DELAYS,
  halfClear,
  inP3,
  noise,
  quarters,
  QUARTERS,
  turned,
  webpBomb,
} from '../support/web-pictures';

jest.setTimeout(120_000);

let imgur: RecordingImgur;
let source: SourceServer;
let app: AppUnderTest;
const served = new Map<string, Buffer>();

/** Whoever converts gives way to others, so on a busy machine it takes many times as long. */
const start = (settings: Record<string, string> = {}): Promise<AppUnderTest> =>
  startApp({
    IMGUR_API_URL: imgur.url,
    ATTEMPTS: '1',
    CONVERT_TIMEOUT_MS: '100000',
    ...settings,
  });

beforeAll(async () => {
  imgur = await startRecordingImgur();
  source = await startSource({
    '/picture': (request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://source');
      const bytes = served.get(searchParams.get('name') ?? '') ?? Buffer.alloc(0);
      const length = searchParams.has('chunked') ? {} : { 'content-length': bytes.length };
      response.writeHead(200, length).end(bytes);
    },
  });
  app = await start();
});

afterAll(async () => {
  await app.app.drain();
  await Promise.all([imgur.close(), source.close()]);
});

const urlOf = (name: string, bytes: Buffer): string => {
  served.set(name, bytes);
  return `${source.url}/picture?name=${encodeURIComponent(name)}`;
};

/** @returns the record of the image, and what reached Imgur of it. */
async function relay(bytes: Buffer, more = '', by = app) {
  const before = imgur.uploads.length;
  const [image] = await by.relay([urlOf('one', bytes) + more]);
  const uploads = imgur.uploads.slice(before);
  return { image: image as ImageRecord, uploads, made: uploads[0]?.bytes ?? Buffer.alloc(0) };
}

/** The colour of each quarter, as red, green and blue. */
async function quartersOf(made: Buffer): Promise<number[][]> {
  const { data, info } = await sharp(made)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return CENTRES.map(([x, y]) => {
    const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * 3;
    return [...data.subarray(at, at + 3)];
  });
}

async function expectQuarters(made: Buffer, colours: readonly string[] = QUARTERS): Promise<void> {
  const distances = (await quartersOf(made)).flatMap((rgb, n) =>
    rgb.map((value, c) => Math.abs(value - parseInt(colours[n]!.slice(1 + 2 * c, 3 + 2 * c), 16))),
  );
  expect(Math.max(...distances)).toBeLessThan(12);
}

describeWithSharp('a picture that Imgur does not take', () => {
  it.each([
    ['lossy WebP', 'image/webp', 'image/jpeg', 'jpeg', () => quarters().webp().toBuffer()],
    ['AVIF', 'image/avif', 'image/jpeg', 'jpeg', () => quarters().avif({ effort: 1 }).toBuffer()],
    [
      'WebP without loss',
      'image/webp',
      'image/png',
      'png',
      () => quarters().webp({ lossless: true }).toBuffer(),
    ],
    [
      'WebP that is turned',
      'image/webp',
      'image/jpeg',
      'jpeg',
      async () => (await turned()).webp().toBuffer(),
    ],
    [
      'AVIF that is turned',
      'image/avif',
      'image/jpeg',
      'jpeg',
      async () => (await turned()).avif({ effort: 1 }).toBuffer(),
    ],
    [
      'WebP in P3',
      'image/webp',
      'image/jpeg',
      'jpeg',
      async () => (await inP3()).webp().toBuffer(),
    ],
    [
      'AVIF in P3',
      'image/avif',
      'image/jpeg',
      'jpeg',
      async () => (await inP3()).avif({ effort: 1 }).toBuffer(),
    ],
  ])('arrives as one that it takes: %s', async (_name, sourceType, type, format, make) => {
    const { image, uploads, made } = await relay(await make());
    expect(image).toMatchObject({ status: 'complete', sourceType, type, bytes: made.length });
    expect(uploads).toHaveLength(1);
    const header = await sharp(made).metadata();
    expect(header).toMatchObject({ format, width: 96, height: 64 });
    expect([header.exif, header.icc, header.orientation]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    await expectQuarters(made);
  });

  it.each([
    ['WebP', async () => (await halfClear()).webp().toBuffer()],
    ['AVIF', async () => (await halfClear()).avif({ effort: 1 }).toBuffer()],
  ])('keeps what is clear as glass: %s', async (_name, make) => {
    const { image, made } = await relay(await make());
    expect(image).toMatchObject({ status: 'complete', type: 'image/png' });
    const { data } = await sharp(made)
      .extractChannel(3)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([data[10], data[86]]).toEqual([0, 255]);
  });

  it('becomes a JPEG on white where its PNG would be over 5 MB', async () => {
    const clear = noise(1400, 1300, 4);
    const { image, made } = await relay(await clear.webp({ quality: 40, effort: 0 }).toBuffer());
    expect(image).toMatchObject({ status: 'complete', type: 'image/jpeg' });
    expect((await sharp(made).metadata()).hasAlpha).toBe(false);
  });

  it('stays an animation, with its frames and their times', async () => {
    const { image, made } = await relay(await animation());
    expect(image).toMatchObject({ status: 'complete', type: 'image/gif' });
    const header = await sharp(made, { animated: true }).metadata();
    expect(header).toMatchObject({ format: 'gif', pages: 3, delay: DELAYS, loop: 3 });
    const frame = async (page: number): Promise<number[]> => [
      ...(await sharp(made, { page }).removeAlpha().raw().toBuffer()).subarray(0, 3),
    ];
    const colours = QUARTERS.slice(0, 3).map((hex) => [...Buffer.from(hex.slice(1), 'hex')]);
    for (const [page, colour] of colours.entries()) {
      const seen = await frame(page);
      for (const [n, value] of colour.entries())
        expect(Math.abs(value - seen[n]!)).toBeLessThan(12);
    }
  });

  it('is converted all the same where its length is not announced', async () => {
    const { image } = await relay(picture('lossy.webp'), '&chunked');
    expect(image).toMatchObject({ status: 'complete', sourceType: 'image/webp' });
  });

  it.each([
    ['cut WebP', 'truncated', () => picture('lossy.webp').subarray(0, 9000)],
    ['cut AVIF', 'truncated', () => picture('still.avif').subarray(0, 2000)],
    ['damaged WebP', 'conversion_failed', () => damaged(picture('lossy.webp'))],
    ['damaged AVIF', 'conversion_failed', () => damaged(picture('still.avif'))],
    ['bomb', 'unsupported_image', webpBomb],
    ['AVIF sequence', 'unsupported_image', avifSequence],
    ['HEIC', 'unsupported_image', () => picture('still.heic')],
    ['SVG', 'not_an_image', () => picture('active.svg')],
    ['PDF', 'not_an_image', () => picture('document.pdf')],
  ])('never reaches Imgur as a %s', async (_name, code, make) => {
    const { image, uploads } = await relay(make());
    expect(image).toMatchObject({ status: 'failed', error: { code }, type: null });
    expect(uploads).toEqual([]);
    // The words of libvips are nobody's business.
    expect(image.error?.message).not.toMatch(/vips|heif|webp_|VP8|seek|decode/i);
  });
});

describeWithSharp('what is not to be converted', () => {
  it.each([
    ['converting is off', { CONVERT_IMAGES: 'false' }, /WebP file.* converting is off/],
    [
      'it has too many pixels',
      { CONVERT_MAX_PIXELS: '100' },
      /has 6144 pixels in all; at most 100/,
    ],
  ])('is refused without a child where %s', async (_why, settings, message) => {
    const other = await start(settings);
    try {
      const { image, uploads } = await relay(await quarters().webp().toBuffer(), '', other);
      expect(image.error).toMatchObject({ code: 'unsupported_image' });
      expect(image.error?.message).toMatch(message);
      expect(uploads).toEqual([]);
      // Nothing was converted.
      const { text } = await other.app.metrics.read();
      expect(text).not.toMatch(/conversion_duration_seconds_count\{.*\} [1-9]/);
    } finally {
      await other.app.drain();
    }
  });

  it('is an animation whose frames have too many pixels together', async () => {
    const settings = { CONVERT_MAX_PIXELS: String(2 * 48 * 48) };
    const other = await start(settings);
    try {
      const { image } = await relay(await animation(48), '', other);
      expect(image.error).toMatchObject({ code: 'unsupported_image' });
    } finally {
      await other.app.drain();
    }
  });
});

describe('what is passed on as it is', () => {
  it('starts no child, whatever it is called', async () => {
    const other = await start();
    const names = Object.keys(ACCEPTED);
    const urls = names.map((name) => urlOf(`${name}.webp`, picture(name)));
    const before = imgur.uploads.length;
    try {
      const images = await other.relay(urls);
      const types = Object.values(ACCEPTED);
      expect(images.map(({ type }) => type)).toEqual(types);
      expect(images.map(({ sourceType }) => sourceType)).toEqual(types);
      const sent = imgur.uploads.slice(before).map(({ bytes }) => bytes.toString('base64'));
      expect(sent.sort()).toEqual(names.map((name) => picture(name).toString('base64')).sort());
      // Each conversion would be counted, whatever became of it.
      const { text } = await other.app.metrics.read();
      expect(text).not.toMatch(/conversion_duration_seconds_count\{.*\} [1-9]/);
    } finally {
      await other.app.drain();
    }
  });
});

describeWithSharp('a damaged picture', () => {
  it('fails alone: 20 others beside it complete', async () => {
    const others = Array.from({ length: 20 }, (_, n) => `${source.url}/${n}/lossy.webp`);
    const images = await app.relay([urlOf('bad', damaged(picture('lossy.webp'))), ...others]);
    expect(images[0]?.error).toMatchObject({ code: 'conversion_failed' });
    expect(images.slice(1).map(({ status }) => status)).toEqual(others.map(() => 'complete'));
  });
});

/** Noise in the place of its second half, its lengths as they were. */
function damaged(whole: Buffer): Buffer {
  const bytes = Buffer.from(whole);
  bytes.fill(0xa5, Math.floor(bytes.length / 3), bytes.length - 10);
  bytes.fill(0x5a, 700, Math.min(1200, bytes.length));
  return bytes;
}
