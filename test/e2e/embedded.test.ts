import { listeningAddresses } from '../support/listening-addresses';
import { startService, type Service } from '../support/service';

jest.setTimeout(120_000);

/** Elsewhere nothing tells what a process listens on without tools of others. */
const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

interface Health {
  status: string;
  imgur: string;
  pending: number;
  inFlight: number;
  pausedUntil: string | null;
  samples: string[];
}

describe('the service as a newcomer starts it, on the embedded Imgur', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({}, { built: false });
  });
  afterAll(() => service.stop());

  const health = async (): Promise<Health> =>
    (await (await fetch(`${service.url}/health`)).json()) as Health;

  it('says plainly that it is on the embedded Imgur', async () => {
    expect(await health()).toEqual({
      status: 'ok',
      imgur: 'embedded',
      pending: 0,
      inFlight: 0,
      pausedUntil: null,
      store: 'memory',
      samples: expect.arrayContaining([
        expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/samples\//),
      ]),
    });
    expect(
      service.lines.some(({ level, message }) => level === 'warn' && /embedded/.test(message)),
    ).toBe(true);
  });

  it('prints nothing but its own lines', () => {
    expect(service.output.stderr).toBe('');
    expect(service.lines.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^image-relay is ready at http:\/\/localhost:(\d+), and listens on 127\.0\.0\.1:\1$/,
      ),
      expect.stringMatching(/embedded Imgur/),
    ]);
  });

  it('relays its sample pictures, and their links bring the same bytes from its own port', async () => {
    const { samples } = await health();
    expect(samples.length).toBeGreaterThanOrEqual(3);
    const job = await service.completed(await service.submit(samples));
    expect(job.uploaded).toMatchObject({ pending: [], failed: [] });
    for (const [index, link] of job.uploaded.complete.entries()) {
      const path = link.replace(/^http:\/\/localhost:\d+/, '');
      expect(path).toMatch(/^\/embedded\/[A-Za-z0-9]{7}\.[a-z]+$/);
      const relayed = await fetch(service.url + path);
      const source = await fetch(samples[index]!);
      expect(relayed.headers.get('content-type')).toMatch(/^image\//);
      expect(relayed.headers.get('x-content-type-options')).toBe('nosniff');
      expect(Buffer.from(await relayed.arrayBuffer())).toEqual(
        Buffer.from(await source.arrayBuffer()),
      );
    }
    const { uploaded } = (await (await fetch(`${service.url}/v1/images`)).json()) as {
      uploaded: string[];
    };
    expect(new Set(uploaded)).toEqual(new Set(job.uploaded.complete));
  });

  it('opens no other port of loopback to downloads', async () => {
    const [sample] = (await health()).samples;
    const { port } = new URL(service.url);
    const urls = [
      `http://127.0.0.1:${port}/health`,
      `http://localhost:${port}/health`,
      sample!.replace('127.0.0.1', '127.0.0.2'),
    ];
    const id = await service.submit(urls);
    await service.completed(id);
    const images = await service.images(id);
    expect(images.map(({ error }) => error?.code)).toEqual(Array(3).fill('blocked_address'));
  });

  describeOnLinux('as the system sees it', () => {
    // The emulated Lambda API, which runs any function without asking, has one of the ports.
    it('listens on loopback with each of its ports', () => {
      const addresses = listeningAddresses(service.pid);
      expect(addresses.length).toBeGreaterThanOrEqual(4);
      expect(new Set(addresses)).toEqual(new Set(['127.0.0.1']));
    });
  });

  it('answers 404 for a picture that it does not have', async () => {
    const response = await fetch(`${service.url}/embedded/aaaaaaa.png`);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json',
    ]);
  });
});
