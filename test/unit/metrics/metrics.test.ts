import { REASONS } from '../../../lib/errors';
import type { ImageRecord, JobSummary } from '../../../lib/jobs/job';
import { createMetrics, type Metrics } from '../../../lib/metrics/metrics';
import { samplesOf } from '../../support/samples-of';

const read = async (metrics: Metrics): Promise<Map<string, number>> =>
  samplesOf((await metrics.read()).text);

const image = (more: Partial<ImageRecord>): ImageRecord => ({
  url: 'https://a.example/x.png',
  status: 'complete',
  link: 'https://i.imgur.com/x.png',
  deletehash: null,
  error: null,
  attempts: 1,
  bytes: 100,
  type: 'image/png',
  sourceType: 'image/png',
  durationMs: 1,
  ...more,
});
const failedWith = (code: keyof typeof REASONS): ImageRecord =>
  image({ status: 'failed', bytes: null, error: { code, message: 'No.', retryable: false } });
const job = (complete: number, failed: number): JobSummary => ({
  id: 'x',
  created: 0,
  finished: 1,
  status: 'complete',
  counts: { pending: 0, inProgress: 0, complete, failed },
});

describe('the metrics', () => {
  it('show each counter from the start, at 0', async () => {
    const { text } = await createMetrics().read();
    const counters = [...text.matchAll(/^# TYPE (\w+) counter$/gm)].map(([, name = '']) => name);
    const samples = [...samplesOf(text).keys()];
    const isShown = (name: string): boolean =>
      samples.some((sample) => sample.split('{')[0] === name);
    expect(counters.length).toBeGreaterThan(10);
    expect(counters.filter((name) => !isShown(name))).toEqual([]);
  });

  it('count images by outcome and reason, and bytes of those that arrived', async () => {
    const metrics = createMetrics();
    metrics.attemptStarted();
    metrics.attemptFailed('connection_failed');
    metrics.attemptStarted();
    metrics.imageEnded(image({ bytes: 70 }));
    metrics.imageEnded(failedWith('too_large'));
    metrics.imageEnded(failedWith('too_large'));
    metrics.bytesRead(30);
    metrics.bytesRead(70);
    const samples = await read(metrics);
    expect(samples.get('image_relay_attempts_total')).toBe(2);
    expect(samples.get('image_relay_retries_total{code="connection_failed"}')).toBe(1);
    expect(samples.get('image_relay_images_total{outcome="complete",code=""}')).toBe(1);
    expect(samples.get('image_relay_images_total{outcome="failed",code="too_large"}')).toBe(2);
    expect(samples.get('image_relay_images_total{outcome="failed",code="empty"}')).toBe(0);
    expect(samples.get('image_relay_source_bytes_total')).toBe(100);
    expect(samples.get('image_relay_uploaded_bytes_total')).toBe(70);
  });

  it('count jobs by outcome', async () => {
    const metrics = createMetrics();
    metrics.jobAccepted(3);
    metrics.jobAccepted(4);
    for (const [complete, failed] of [
      [3, 0],
      [1, 2],
      [0, 3],
      [0, 1],
    ] as const) {
      // prettier-ignore
      metrics.jobEnded(job(complete, failed));
    }
    const samples = await read(metrics);
    expect(samples.get('image_relay_jobs_accepted_total')).toBe(2);
    expect(samples.get('image_relay_images_accepted_total')).toBe(7);
    const outcomes = ['complete', 'partial', 'failed'].map((outcome) =>
      samples.get(`image_relay_jobs_total{outcome="${outcome}"}`),
    );
    expect(outcomes).toEqual([1, 1, 2]);
  });

  it('count what is done with uploads afterwards, from the start', async () => {
    const metrics = createMetrics();
    metrics.deletionEnded('deleted');
    metrics.albumEnded('refused');
    const samples = await read(metrics);
    const counts = ['deletions_total{outcome="deleted"}', 'deletions_total{outcome="refused"}'];
    counts.push('albums_total{outcome="made"}', 'albums_total{outcome="refused"}');
    expect(counts.map((name) => samples.get(`image_relay_${name}`))).toEqual([1, 0, 0, 1]);
  });

  it('keep the time spent on either side apart, in seconds', async () => {
    const metrics = createMetrics();
    metrics.transferEnded('complete', 200, 40);
    metrics.transferEnded('failed', 3000, 0);
    const samples = await read(metrics);
    const sum = (side: string, outcome: string): number | undefined =>
      samples.get(`image_relay_${side}_duration_seconds_sum{outcome="${outcome}"}`);
    expect(sum('download', 'complete')).toBeCloseTo(0.2);
    expect(sum('upload', 'complete')).toBeCloseTo(0.04);
    expect(sum('download', 'failed')).toBeCloseTo(3);
    // Imgur was never turned to.
    expect(sum('upload', 'failed')).toBeUndefined();
  });

  it('ask for the figures of the moment when they are read', async () => {
    const metrics = createMetrics();
    let pausedUntil: string | null = '2026-11-20T16:48:29.500Z';
    const counts = { pending: 12, inProgress: 3, complete: 0, failed: 0 };
    metrics.watch({ counts: () => Promise.resolve(counts), pausedUntil: () => pausedUntil });
    metrics.pauseStarted();
    metrics.unhandledRejection();
    const samples = await read(metrics);
    expect(samples.get('image_relay_queued_images')).toBe(12);
    expect(samples.get('image_relay_in_flight_images')).toBe(3);
    expect(samples.get('image_relay_pauses_total')).toBe(1);
    expect(samples.get('image_relay_unhandled_rejections_total')).toBe(1);
    expect(samples.get('image_relay_paused_until_timestamp_seconds')).toBe(
      Date.parse(pausedUntil) / 1000,
    );
    pausedUntil = null;
    expect((await read(metrics)).get('image_relay_paused_until_timestamp_seconds')).toBe(0);
  });

  it('tell what each process has under way that shares a database, and of those that are gone no more', async () => {
    const metrics = createMetrics();
    const counts = { pending: 0, inProgress: 0, complete: 0, failed: 0 };
    let processes: { id: string; role: string; inFlight: number }[] | null = [
      { id: 'a', role: 'api', inFlight: 0 },
      { id: 'b', role: 'worker', inFlight: 7 },
    ];
    metrics.watch({
      counts: () => Promise.resolve(counts),
      pausedUntil: () => null,
      processes: () => Promise.resolve(processes),
    });
    const name = 'image_relay_process_in_flight_images';
    const found = async (): Promise<[string, number][]> =>
      [...(await read(metrics))].filter(([series]) => series.startsWith(name));
    const worker: [string, number] = [`${name}{process="b",role="worker"}`, 7];
    expect(await found()).toEqual([[`${name}{process="a",role="api"}`, 0], worker]);
    processes = processes.slice(1);
    expect(await found()).toEqual([worker]);
    processes = null;
    expect(await found()).toEqual([]);
  });

  it('count answers, and tell a caller who left before there was one', async () => {
    const metrics = createMetrics();
    const route = '/v1/images/upload';
    const name = 'image_relay_http_request_duration_seconds';
    metrics.httpAnswered({ method: 'POST', route, status: 202, durationMs: 4 });
    metrics.httpAnswered({ method: 'POST', route, status: null, durationMs: 40 });
    metrics.httpAnswered({ method: 'GET', route: null, status: 404, durationMs: 1 });
    const samples = await read(metrics);
    const submitted = `method="POST",route="${route}"`;
    expect(samples.get(`${name}_bucket{le="0.0025",${submitted},status="202"}`)).toBe(0);
    expect(samples.get(`${name}_bucket{le="0.005",${submitted},status="202"}`)).toBe(1);
    expect(samples.get(`${name}_sum{${submitted},status="202"}`)).toBe(0.004);
    expect(samples.get(`${name}_count{${submitted},status="aborted"}`)).toBe(1);
    expect(samples.get(`${name}_count{${submitted},status="503"}`)).toBe(0);
    expect(samples.get(`${name}_count{method="GET",route="other",status="404"}`)).toBe(1);
  });

  it('leave out what is not known yet', async () => {
    const metrics = createMetrics();
    expect((await read(metrics)).has('image_relay_imgur_credits_remaining')).toBe(false);
    metrics.creditsRemaining(1249);
    expect((await read(metrics)).get('image_relay_imgur_credits_remaining')).toBe(1249);
  });

  it('have a bounded number of series, whatever happens', async () => {
    const metrics = createMetrics();
    const codes = Object.keys(REASONS) as (keyof typeof REASONS)[];
    for (const code of codes) {
      metrics.attemptFailed(code);
      metrics.imageEnded(failedWith(code));
    }
    metrics.imageEnded(image({}));
    for (const outcome of ['complete', 'failed'] as const) metrics.transferEnded(outcome, 1, 1);
    const unknown = { route: '/none', status: 404, durationMs: 1 };
    metrics.httpAnswered({ ...unknown, method: 'INVENTED' });
    const before = (await read(metrics)).size;
    for (let n = 0; n < 1000; n += 1) {
      metrics.imageEnded(image({ url: `https://${n}.example/`, link: `https://i/${n}` }));
      metrics.jobEnded({ ...job(1, 0), id: String(n) });
      metrics.httpAnswered({ ...unknown, method: `INVENTED${n}`, route: `/none/${n}` });
    }
    expect((await read(metrics)).size).toBe(before);
  });

  it('are apart for each App, and leave nothing running', () => {
    const running = process.getActiveResourcesInfo();
    createMetrics();
    createMetrics();
    expect(process.getActiveResourcesInfo()).toEqual(running);
  });
});
