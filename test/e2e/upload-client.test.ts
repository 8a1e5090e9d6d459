import { holdAnyPort } from '../../local/any-port';
import { awaitUntil } from '../support/await-until';
import { startService, type Service } from '../support/service';
import { startSource, type SourceServer } from '../support/source-server';
import { runUploadClient, type ClientRun } from '../support/upload-client';

jest.setTimeout(120_000);

interface Ended {
  status: number | string;
  stdout: string;
  stderr: string;
}

async function ended({ exited, output }: ClientRun): Promise<Ended> {
  return { status: await exited, ...output };
}

describe('the command-line client', () => {
  let service: Service;
  let source: SourceServer;

  beforeAll(async () => {
    source = await startSource({ '/never.png': () => undefined });
    service = await startService({
      API_KEYS: 'key',
      DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
      MAX_URLS_PER_JOB: '3',
    });
  });
  afterAll(async () => {
    await service.stop();
    await source.close();
  });

  const start = (args: string[], stdin = ''): ClientRun =>
    runUploadClient(args, {
      env: { IMAGE_RELAY_URL: service.url, IMAGE_RELAY_KEY: 'key' },
      stdin,
    });
  const run = (args: string[], stdin = ''): Promise<Ended> => ended(start(args, stdin));
  const jobs = async (): Promise<{ id: string; status: string }[]> => {
    const answer = await fetch(`${service.url}/v1/images/upload`, {
      headers: { 'x-api-key': 'key' },
    });
    return ((await answer.json()) as { jobs: { id: string; status: string }[] }).jobs;
  };

  it('uploads the samples, in as many jobs as it takes, and prints each link', async () => {
    const { samples } = (await (await fetch(`${service.url}/health`)).json()) as {
      samples: string[];
    };
    const { status, stdout, stderr } = await run(['--samples']);
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining(`Uploaded ${samples.length} images.`),
    ]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(' → ')[0])).toEqual(samples);
    for (const line of lines) {
      const { pathname } = new URL(line.split(' → ')[1] ?? '');
      expect((await fetch(service.url + pathname)).status).toBe(200);
    }
    expect(await jobs()).toHaveLength(2);
  });

  it('says which failed and why, apart from the links, and ends with 1', async () => {
    const urls = [`${source.url}/missing.png`, `${source.url}/palette.png`];
    const { status, stdout, stderr } = await run(urls);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^http.*\/palette\.png → http.*\.png\n$/);
    expect(stderr).toContain(
      `${urls[0]} failed: The source answered with status 404. (source_status)\n`,
    );
    expect(stderr).toContain('Uploaded 1 image, 1 failed.\n');
  });

  it('takes a list from standard input and prints it all as JSON', async () => {
    const url = `${source.url}/still.gif`;
    const { status, stdout, stderr } = await run(
      ['--json', '--file', '-'],
      `# one\n${url}\n${url}#again\n`,
    );
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      {
        jobs: [expect.any(String)],
        images: [expect.objectContaining({ url, status: 'complete', attempts: 1 })],
      },
    ]);
    expect(stderr).toContain('Left out 1 duplicate.\n');
  });

  it('names each bad line, and submits nothing then', async () => {
    const before = await jobs();
    const { status, stdout, stderr } = await run(
      ['--file', '-'],
      `${source.url}/a.png\n\nftp://a.example/\nb.png`,
    );
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^-:3: Expected an absolute http or https URL.*\n-:4: Expected .*\n$/);
    expect(await jobs()).toEqual(before);
  });

  it.each([
    ['no arguments', [], 'Expected URLs, --file or --samples, got none of them.'],
    ['a list that is not there', ['--file', 'no-such.txt'], 'no such file'],
    ['an empty list', ['--file', '-'], 'Expected at least one URL, got an empty list.'],
    ['a wrong key', ['http://a.example/', '--key', 'wrong'], 'Set IMAGE_RELAY_KEY, or give --key.'],
    ['a bad client ID', ['http://a.example/', '--client-id', 'a b'], '/clientId: Expected 1 to'],
  ])('ends with 2 for %s', async (_what, args, message) => {
    const { status, stdout, stderr } = await run(args);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
  });

  it('ends with 2 where no service answers, or another one', async () => {
    const held = await holdAnyPort('127.0.0.1');
    await held?.release();
    const nobody = `http://127.0.0.1:${held?.port}`;
    expect(await run(['http://a.example/', '--service', nobody])).toEqual({
      status: 2,
      stdout: '',
      stderr: `No service answers at ${nobody}: connection refused (start it with \`npm start\`).\n`,
    });
    expect(await run(['http://a.example/', '--service', source.url])).toEqual({
      status: 2,
      stdout: '',
      stderr: `What answers at ${source.url} is not image-relay.\n`,
    });
  });

  it('helps', async () => {
    expect(await run(['--help'])).toEqual({
      status: 0,
      stdout: expect.stringContaining('Usage: npm run -s upload -- '),
      stderr: '',
    });
  });

  it('leaves the job running at Ctrl-C without a terminal, and says where it is', async () => {
    const client = start([`${source.url}/never.png`]);
    const submitted = /Submitted 1 image: (\S+)\n/;
    await awaitUntil('the submission', () => submitted.test(client.output.stderr));
    client.signal('SIGINT');
    // npm passes the signal on as well.
    client.signal('SIGINT');
    const { status, stderr } = await ended(client);
    const [, address = ''] = submitted.exec(stderr) ?? [];
    expect([status, stderr]).toEqual([
      130,
      expect.stringContaining(`Left running; how it goes on is at ${address}\n`),
    ]);
    const headers = { 'x-api-key': 'key' };
    expect(await (await fetch(address, { headers })).json()).toMatchObject({ finished: null });
    await fetch(address, { method: 'DELETE', headers });
  });
});
