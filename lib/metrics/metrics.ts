import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { version } from '../../package.json';
import { REASONS, type ReasonCode } from '../errors';
import type { ConvertObserver, ConvertOutcome } from '../images/convert/converter';
import type { TransferObserver } from '../images/relay';
import type { ImageCounts } from '../jobs/job';
import type { JobObserver, UploadsObserver } from '../jobs/job-observer';
import { createFleetMetrics, type WatchedProcess } from './fleet-metrics';
import { createHttpMetrics, type HttpExchange } from './http-metrics';
import { watchProcess } from './process-metrics';

/** What is asked for when the figures are read, instead of being told all along. */
export interface Watched {
  /** Null while the database is away. */
  counts(): Promise<ImageCounts | null>;
  /** Those that share the database; absent where jobs are in memory. */
  processes?(): Promise<readonly WatchedProcess[] | null>;
  /** ISO 8601, or null while uploads go on. */
  pausedUntil(): string | null;
}

/** The figures of one App, in the words of Prometheus (https://prometheus.io/docs/practices/naming/). */
export interface Metrics extends JobObserver, TransferObserver, ConvertObserver, UploadsObserver {
  jobAccepted(images: number): void;
  pauseStarted(): void;
  /** How many uploads Imgur leaves to the configured credential. */
  creditsRemaining(credits: number): void;
  unhandledRejection(): void;
  httpAnswered(exchange: HttpExchange): void;
  /** Names where the figures of the moment come from. */
  watch(parts: Watched): void;
  /**
   * Adds the figures of the process: memory, CPU, event loop, garbage collection. They belong to the
   * process and not to an App, and keep watching until it ends, so only the running service asks.
   */
  watchProcess(): void;
  /** The exposition format, and its media type. */
  read(): Promise<{ contentType: string; text: string }>;
}

const PREFIX = 'image_relay_';
const CONVERT_OUTCOMES: readonly ConvertOutcome[] = ['converted', 'refused', 'failed', 'cancelled'];
/** From a picture next door to the largest limits that are set by default. Seconds. */
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * Counts what happens. Labels are closed sets only (outcomes, reason codes), so that the number of
 * series is bounded; those that matter for rates exist from the start, at 0.
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string = never>(name: string, help: string, labelNames: L[] = []) =>
    new Counter({ name: PREFIX + name, help, labelNames, registers });
  const gauge = (name: string, help: string, read: () => number | Promise<number | null> | null) =>
    new Gauge({
      name: PREFIX + name,
      help,
      registers,
      async collect() {
        const value = await read();
        // What is not known is left out: a 0 would be a statement.
        if (value === null) this.remove();
        else this.set(value);
      },
    });
  const histogram = (name: string, help: string) =>
    new Histogram({
      name: PREFIX + name,
      help,
      labelNames: ['outcome'],
      buckets: SECONDS,
      registers,
    });

  const images = counter('images_total', 'Images that ended, by outcome and reason code.', [
    'outcome',
    'code',
  ]);
  const attempts = counter('attempts_total', 'Attempts to relay an image that were begun.');
  const retries = counter('retries_total', 'Attempts that failed and are followed by another.', [
    'code',
  ]);
  const accepted = counter('jobs_accepted_total', 'Jobs accepted.');
  const acceptedImages = counter('images_accepted_total', 'Images of the jobs accepted.');
  const jobs = counter(
    'jobs_total',
    'Jobs that ended: complete (no image failed), partial, or failed (every image did).',
    ['outcome'],
  );
  const sourceBytes = counter('source_bytes_total', 'Bytes of pictures read from their sources.');
  const uploadedBytes = counter('uploaded_bytes_total', 'Bytes of the pictures that Imgur took.');
  const downloads = histogram(
    'download_duration_seconds',
    'Time of an attempt spent waiting for the source; waiting for Imgur is not counted.',
  );
  const uploads = histogram(
    'upload_duration_seconds',
    'Time of an attempt spent waiting for Imgur; waiting for the source is not counted.',
  );
  const conversions = histogram(
    'conversion_duration_seconds',
    'Time to convert a WebP or AVIF, waiting for its turn not counted.',
  );
  for (const outcome of CONVERT_OUTCOMES) conversions.zero({ outcome });
  const deletions = counter('deletions_total', 'Deletions of uploads at Imgur, by outcome.', [
    'outcome',
  ]);
  const albums = counter('albums_total', 'Albums that were asked for at Imgur, by outcome.', [
    'outcome',
  ]);
  const pauses = counter('pauses_total', 'Pauses of uploads that Imgur asked for.');
  const rejections = counter(
    'unhandled_rejections_total',
    'Promises rejected that nobody handled: each is a defect.',
  );
  new Gauge({
    name: `${PREFIX}build_info`,
    help: 'Always 1; the version is the label.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);

  let watched: Watched | null = null;
  let credits: number | null = null;
  gauge('queued_images', 'Images that wait for their turn.', async () => {
    return (await watched?.counts())?.pending ?? null;
  });
  gauge('in_flight_images', 'Images under way.', async () => {
    return (await watched?.counts())?.inProgress ?? null;
  });
  createFleetMetrics(`${PREFIX}process_in_flight_images`, registry, () => watched?.processes?.());
  gauge('paused_until_timestamp_seconds', 'End of the pause in force; 0 without one.', () => {
    const until = watched?.pausedUntil();
    return until ? Date.parse(until) / 1000 : 0;
  });
  gauge(
    'imgur_credits_remaining',
    'Uploads that Imgur leaves to the configured credential, by its latest answer.',
    () => credits,
  );

  // Resolved once: looking a series up by its labels builds a key each time.
  const complete = images.labels('complete', '');
  const failed = eachReason((code) => images.labels('failed', code));
  const retried = eachReason((code) => retries.labels(code));
  for (const series of [complete, ...Object.values(failed), ...Object.values(retried)]) {
    series.inc(0);
  }
  for (const outcome of ['complete', 'partial', 'failed']) jobs.inc({ outcome }, 0);
  for (const outcome of ['deleted', 'refused']) deletions.inc({ outcome }, 0);
  for (const outcome of ['made', 'refused']) albums.inc({ outcome }, 0);

  return {
    jobAccepted(count) {
      accepted.inc();
      acceptedImages.inc(count);
    },
    attemptStarted: () => attempts.inc(),
    attemptFailed: (code) => retried[code].inc(),
    imageEnded({ error, bytes }) {
      if (error) {
        failed[error.code].inc();
      } else {
        complete.inc();
        uploadedBytes.inc(bytes ?? 0);
      }
    },
    jobEnded({ counts }) {
      const outcome =
        counts.failed === 0 ? 'complete' : counts.complete === 0 ? 'failed' : 'partial';
      jobs.inc({ outcome });
    },
    bytesRead: (bytes) => sourceBytes.inc(bytes),
    transferEnded(outcome, sourceMs, imgurMs) {
      downloads.observe({ outcome }, sourceMs / 1000);
      // A source that brought nothing to send never had Imgur waited for.
      if (imgurMs > 0) uploads.observe({ outcome }, imgurMs / 1000);
    },
    conversionEnded: (outcome, ms) => conversions.observe({ outcome }, ms / 1000),
    deletionEnded: (outcome) => deletions.inc({ outcome }),
    albumEnded: (outcome) => albums.inc({ outcome }),
    pauseStarted: () => pauses.inc(),
    creditsRemaining: (left) => (credits = left),
    unhandledRejection: () => rejections.inc(),
    watch: (parts) => (watched = parts),
    httpAnswered: createHttpMetrics(`${PREFIX}http_request_duration_seconds`, registry),
    watchProcess: () => watchProcess(registry, PREFIX),
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function eachReason<T>(make: (code: ReasonCode) => T): Record<ReasonCode, T> {
  const codes = Object.keys(REASONS) as ReasonCode[];
  return Object.fromEntries(codes.map((code) => [code, make(code)])) as Record<ReasonCode, T>;
}
