import { IMGUR_FAULTS } from '../../lib/imgur-stand-in/faults';
import { imagesView } from '../../lib/http/job-view';
import { startApp, type AppUnderTest } from '../support/app-under-test';
import { startBehind } from '../support/broken-imgur';
import { startHostileSource, type HostileSource } from '../support/hostile-source';
import type { LogLine } from '../support/log-lines';
import { picture } from '../support/pictures';
import { answer, ok, writeAndEnd } from '../support/plays';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';

jest.setTimeout(30_000);

const QUERY = 'sig=s3cret-signature';

let source: HostileSource;
let imgur: RecordingImgur;
let service: AppUnderTest;

beforeAll(async () => {
  source = await startHostileSource({
    '/whole.png': ok(picture('palette.png')),
    '/hangs-up.png': writeAndEnd(),
    '/no-http.png': writeAndEnd('What?\r\n\r\n'),
    '/moved.png': answer(302, { location: `http://10.0.0.1/inner.png?${QUERY}` }),
    '/gone-away.png': answer(302, { location: `/nowhere.png?${QUERY}` }),
  });
  imgur = await startRecordingImgur();
  service = await startApp(
    { IMGUR_API_URL: imgur.url, ATTEMPTS: '1', CONNECT_TIMEOUT_MS: '300' },
    {
      resolve: (name) =>
        name.startsWith('slow.')
          ? new Promise(() => undefined)
          : Promise.resolve([{ address: '169.254.169.254', family: 4 }]),
    },
  );
});
afterAll(async () => {
  await service.app.drain();
  await Promise.all([source.close(), imgur.close()]);
});

/** The line of the one image that was relayed last, and what the API shows of it. */
async function failedBy(url: string): Promise<{ line: LogLine; api: string }> {
  const { id, done } = await service.start([url]);
  await done;
  const line = service.lines.find(({ level, jobId }) => level === 'warn' && jobId === id);
  const job = await service.app.store.get(id);
  return { line: line!, api: JSON.stringify(imagesView(job!)) };
}

describe('the line of a failed image has the cause', () => {
  it('of a connection that is refused: the name of the error, and where it led', async () => {
    const { line } = await failedBy(`${source.closed}/a.png?${QUERY}`);
    expect(line).toMatchObject({
      code: 'connection_failed',
      cause: {
        code: 'ECONNREFUSED',
        syscall: 'connect',
        address: '127.0.0.1',
        port: Number(new URL(source.closed).port),
      },
    });
  });

  it('of a connection that breaks: the same', async () => {
    const { line } = await failedBy(`${source.url}/hangs-up.png`);
    expect(line).toMatchObject({
      code: 'connection_failed',
      cause: { code: 'ECONNRESET', address: '127.0.0.1', port: source.port },
    });
  });

  it('of a certificate: why it is not valid, and whose it is', async () => {
    const { line } = await failedBy(`${source.selfSigned}/a.png`);
    expect(line).toMatchObject({
      code: 'tls_error',
      cause: {
        code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
        message: 'self-signed certificate',
        address: '127.0.0.1',
        port: Number(new URL(source.selfSigned).port),
      },
    });
  });

  it('of TLS that is none: what OpenSSL makes of it', async () => {
    const { line } = await failedBy(`${source.url.replace('http:', 'https:')}/a.png`);
    expect(line).toMatchObject({
      code: 'tls_error',
      cause: { message: expect.stringMatching(/wrong version number|packet length/) },
    });
  });

  it('of an answer that is no HTTP: what the parser says', async () => {
    const { line } = await failedBy(`${source.url}/no-http.png`);
    expect(line).toMatchObject({
      code: 'bad_response',
      cause: { code: 'HPE_INVALID_CONSTANT', message: expect.stringContaining('Parse Error') },
    });
  });

  it('of a blocked name: the address that was judged and the rule, which the API does not show', async () => {
    const { line, api } = await failedBy(`http://metadata.example.com/a.png?${QUERY}`);
    expect(line).toMatchObject({
      code: 'blocked_address',
      cause: {
        host: 'metadata.example.com',
        address: '169.254.169.254',
        port: 80,
        rule: '169.254.0.0/16 is link-local; the metadata services of most clouds (RFC 3927)',
      },
    });
    expect(api).toContain('"blocked_address"');
    expect(api).not.toMatch(/cause|169\.254|RFC/);
  });

  it.each([
    ['http://printer.onion/a.png', { host: 'printer.onion', rule: expect.stringContaining('DNS') }],
    ['http://10.0.0.1/', { address: '10.0.0.1', port: 80, rule: expect.stringContaining('1918') }],
  ])('of %s: the rule that refused it', async (url, cause) => {
    expect((await failedBy(url)).line['cause']).toEqual(cause);
  });

  it('of what a redirect leads to: that too, without query values', async () => {
    const { line } = await failedBy(`${source.url}/moved.png`);
    expect(line['cause']).toMatchObject({
      redirectedTo: 'http://10.0.0.1/inner.png?sig=***',
      address: '10.0.0.1',
    });
    expect((await failedBy(`${source.url}/gone-away.png`)).line).toMatchObject({
      code: 'source_status',
      cause: { redirectedTo: `${source.url}/nowhere.png?sig=***` },
    });
  });

  it('of a connect time-out: what it waited for', async () => {
    expect((await failedBy('http://slow.example.com/')).line).toMatchObject({
      code: 'download_timeout',
      cause: { waitedFor: 'dns' },
    });
    expect((await failedBy(`${source.silent}/a.png`)).line).toMatchObject({
      code: 'download_timeout',
      cause: {
        waitedFor: 'connection',
        addresses: ['127.0.0.1'],
        port: Number(new URL(source.silent).port),
      },
    });
  });

  it('of what Imgur refuses: its status and words, without the credential', async () => {
    const { service: refused } = await startBehind(() => ({
      ...IMGUR_FAULTS.row3_bad_request,
      body: '{"data":{"error":"No image for s3cret-client-id"},"success":false,"status":400}',
    }));
    await refused.relay([`${source.url}/whole.png`]);
    expect(refused.lines.find(({ code }) => code === 'imgur_rejected')).toMatchObject({
      level: 'warn',
      cause: { status: 400, said: 'No image for ***' },
    });
  });

  it('of an Imgur that cannot be reached: the same as of a source, for each try', async () => {
    const away = await startApp({
      IMGUR_API_URL: source.closed,
      ATTEMPTS: '2',
      RETRY_DELAY_MS: '1',
    });
    await away.relay([`${source.url}/whole.png`]);
    const lines = away.lines.filter(({ code }) => code === 'imgur_unavailable');
    expect(lines.map(({ level }) => level)).toEqual(['info', 'warn']);
    for (const line of lines) {
      expect(line['cause']).toMatchObject({ code: 'ECONNREFUSED', address: '127.0.0.1' });
    }
    await away.app.drain();
  });

  it('of a token that Imgur does not renew: its status', async () => {
    const { service: refused } = await startBehind(() => undefined, {
      IMGUR_CLIENT_SECRET: 's3cret-client-secret',
      IMGUR_REFRESH_TOKEN: 's3cret-refresh-token',
    });
    await refused.relay([`${source.url}/whole.png`]);
    expect(refused.lines.find(({ code }) => code === 'imgur_auth')).toMatchObject({
      cause: { status: expect.any(Number), said: expect.any(String) },
    });
  });
});

it('the line of a failure that nothing lies behind has no cause', async () => {
  const { line } = await failedBy(`${source.url}/missing.png`);
  expect(line['code']).toBe('source_status');
  expect(line).not.toHaveProperty('cause');
});
