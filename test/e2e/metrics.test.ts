import type { Fault } from '../../lib/imgur-stand-in/faults';
import { awaitUntil } from '../support/await-until';
import { picture } from '../support/pictures';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import { samplesOf } from '../support/samples-of';
import { startService, type Service } from '../support/service';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(120_000);

const PAUSE: Fault = {
  kind: 'reply',
  when: 'after-body',
  status: 429,
  headers: { 'retry-after': '1' },
  body: 'Too Many Requests',
};

describe('GET /metrics', () => {
  let service: Service;
  let source: SourceServer;
  let imgur: RecordingImgur;
  let isPausing = false;
  let isFlaky = true;

  beforeAll(async () => {
    source = await startSource({
      '/flaky.png': (_request, response) => {
        response.writeHead(isFlaky ? 503 : 302, { location: '/palette.png' }).end();
        isFlaky = false;
      },
    });
    imgur = await startRecordingImgur({
      rateHeaders: () => ({ 'x-ratelimit-clientremaining': '1234' }),
      script: () => {
        const fault = isPausing ? PAUSE : undefined;
        isPausing = false;
        return fault;
      },
    });
    service = await startService({
      IMGUR_API_URL: imgur.url,
      IMGUR_CLIENT_ID: 'test',
      DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
      RETRY_DELAY_MS: '0',
    });
  });
  afterAll(async () => {
    await service.stop();
    await Promise.all([source.close(), imgur.close()]);
  });

  const read = async (): Promise<Map<string, number>> =>
    samplesOf(await (await fetch(`${service.url}/metrics`)).text());
  const relay = async (...names: string[]): Promise<void> => {
    await service.completed(await service.submit(names.map((name) => `${source.url}/${name}`)));
  };

  it('counts what became of images and jobs', async () => {
    await relay('palette.png', 'still.gif', 'missing.png', 'flaky.png');
    const samples = await read();
    const bytes = 2 * picture('palette.png').length + picture('still.gif').length;
    const expected = {
      'image_relay_images_total{outcome="complete",code=""}': 3,
      'image_relay_images_total{outcome="failed",code="source_status"}': 1,
      image_relay_attempts_total: 5,
      'image_relay_retries_total{code="source_status"}': 1,
      image_relay_jobs_accepted_total: 1,
      image_relay_images_accepted_total: 4,
      'image_relay_jobs_total{outcome="partial"}': 1,
      image_relay_source_bytes_total: bytes,
      image_relay_uploaded_bytes_total: bytes,
      'image_relay_download_duration_seconds_count{outcome="complete"}': 3,
      'image_relay_download_duration_seconds_count{outcome="failed"}': 2,
      'image_relay_upload_duration_seconds_count{outcome="complete"}': 3,
      image_relay_imgur_credits_remaining: 1234,
      image_relay_queued_images: 0,
      image_relay_in_flight_images: 0,
      image_relay_pauses_total: 0,
      image_relay_paused_until_timestamp_seconds: 0,
      image_relay_unhandled_rejections_total: 0,
    };
    expect(Object.fromEntries(samples)).toMatchObject(expected);
  });

  it('tells of pauses', async () => {
    isPausing = true;
    const before = Date.now() / 1000;
    const id = await service.submit([`${source.url}/palette.png`]);
    let until = 0;
    while (until === 0) {
      until = (await read()).get('image_relay_paused_until_timestamp_seconds') ?? 0;
    }
    expect(until).toBeGreaterThanOrEqual(before + 1);
    expect((await read()).get('image_relay_pauses_total')).toBe(1);
    await service.completed(id);
    expect((await read()).get('image_relay_paused_until_timestamp_seconds')).toBe(0);
  });

  it('counts calls by method, route and status, however they end', async () => {
    const count = (samples: Map<string, number>, labels: string): number =>
      samples.get(`image_relay_http_request_duration_seconds_count{${labels}}`) ?? 0;
    const labels = {
      submitted: 'method="POST",route="/v1/images/upload",status="202"',
      seen: 'method="GET",route="/v1/images/upload/{jobId}",status="200"',
      unknownJob: 'method="GET",route="/v1/images/upload/{jobId}",status="404"',
      unknownPath: 'method="GET",route="other",status="404"',
      unknownMethod: 'method="other",route="/v1/images",status="405"',
      byTheGateway: 'method="POST",route="/v1/images/upload",status="413"',
    };
    const counts = async (): Promise<Record<keyof typeof labels, number>> => {
      const samples = await read();
      const entries = Object.entries(labels).map(([name, each]) => [name, count(samples, each)]);
      return Object.fromEntries(entries) as Record<keyof typeof labels, number>;
    };
    const before = await counts();
    const id = await service.submit([`${source.url}/palette.png`]);
    await service.job(id);
    for (const path of ['/v1/images/upload/x?y', '/v1/images/upload/z', '/none/1', '/none/2']) {
      await fetch(service.url + path);
    }
    await fetch(`${service.url}/v1/images`, { method: 'PATCH' });
    await fetch(`${service.url}/v1/images/upload`, { method: 'POST', body: 'x'.repeat(1_100_000) });
    // An answer is counted when it has gone out, which its reader may see earlier.
    const after = await awaitUntil('all calls to be counted', async () => {
      const now = await counts();
      return now.byTheGateway > before.byTheGateway ? now : null;
    });
    expect(after).toEqual({
      submitted: before.submitted + 1,
      seen: before.seen + 1,
      unknownJob: before.unknownJob + 2,
      unknownPath: before.unknownPath + 2,
      unknownMethod: before.unknownMethod + 1,
      byTheGateway: before.byTheGateway + 1,
    });
  });

  it('is in the text format of Prometheus, each metric with help and type, the process among them', async () => {
    const response = await fetch(`${service.url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    const named = (what: string): Set<string | undefined> =>
      new Set([...text.matchAll(new RegExp(`^# ${what} (\\S+) `, 'gm'))].map(([, name]) => name));
    const metrics = [...samplesOf(text).keys()].map((series) => series.replace(/\{.*/, ''));
    const known = named('TYPE');
    expect(known).toEqual(named('HELP'));
    const bases = metrics.map((name) =>
      known.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, ''),
    );
    expect(bases.filter((name) => !known.has(name))).toEqual([]);
    expect(known).toContain('process_resident_memory_bytes');
    expect(known).toContain('image_relay_event_loop_delay_seconds');
  });
});
