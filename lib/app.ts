import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { type Config, ConfigError } from './config';
import { LinksBody } from './http/links-body';
import { findConverter } from './images/convert/find-converter';
import { createDownload } from './images/download';
import { MemoryBudget } from './images/memory-budget';
import { createRelay } from './images/relay';
import { createImgurClient, type ImgurClient } from './imgur/client';
import { createCredentials, type Credentials } from './imgur/credentials';
import { createImgurManager, type ImgurManager } from './imgur/manage';
import { createRateGate, type RateGate } from './imgur/rate-gate';
import { startImgurStandIn, type ImgurStandIn } from './imgur-stand-in/server';
import { createReachability, type Reachability } from './imgur/reachability';
import { createInProcessInvoker, type AsyncInvoker } from './jobs/invoke-async';
import { createUndo } from './jobs/delete-upload';
import { ENDS_ITS_WORKERS } from './jobs/endings';
import { createJobLog, type JobLog } from './jobs/job-log';
import type { JobStore } from './jobs/job-store';
import { createMakeAlbum, type MakeAlbum } from './jobs/make-album';
import { MemoryJobs } from './jobs/memory-jobs';
import { NO_QUEUE } from './jobs/no-queue';
import { onceInMemory } from './jobs/once';
import { isStoreUnavailable } from './jobs/store-unavailable';
import type { Settled, WorkQueue } from './jobs/work-queue';
import { createShiftWorker, tellsLatest } from './jobs/shift-worker';
import { createWorker, type Worker } from './jobs/worker';
import { createLambdaInvoker } from './lambda/lambda-invoker';
import { createLogger, type Logger } from './logger';
import { createMetrics, type Metrics } from './metrics/metrics';
import { createGuard, type Guard } from './net/guard';
import { createGuardedAgents, type GuardedAgents } from './net/guarded-agent';
import { createResolver, type Resolve } from './net/resolver';
import type { PgJobs } from './postgres/pg-jobs';
import type { PgLambdaJobs } from './postgres/pg-lambda-jobs';
import { createReadiness, type Readiness } from './readiness';

/** Every part of the service, built once. */
export interface App {
  readonly config: Config;
  readonly log: Logger;
  readonly store: JobStore;
  readonly links: LinksBody;
  readonly worker: Worker;
  readonly jobLog: JobLog;
  readonly invoker: AsyncInvoker;
  readonly gate: RateGate;
  /** What can be done with uploads afterwards. */
  readonly imgur: ImgurManager;
  readonly makeAlbum: MakeAlbum;
  readonly metrics: Metrics;
  /** The stand-in for Imgur, where no other was configured. */
  readonly embedded: ImgurStandIn | null;
  /** Whether a stop has begun: no new work is taken. */
  readonly draining: boolean;
  readonly unready: Readiness;
  /** The other processes on the same database; null where jobs are in memory. */
  readonly fleet: Pick<PgJobs, 'instances'> | null;
  /** Takes no more work, ends what there is within `DRAIN_TIMEOUT_MS`, and lets go of everything. */
  drain(): Promise<void>;
}

/** What a test puts in the place of the real thing. */
export interface AppOverrides {
  readonly log?: Logger;
  readonly resolve?: Resolve;
}

/**
 * Memory for all pictures together whose sources announce no length, in bytes: with 32 under way
 * the service stays within 512 MB. `MAX_IMAGE_BYTES` may be more, for the one that goes on alone.
 */
const COLLECTED_BYTES = 100_663_296;

/** For a call to Imgur that somebody waits for, below what the gateway gives a function. */
const MANAGE_TIMEOUT_MS = 20_000;

/** Builds every part and wires them: the only place that knows them all. */
export async function createApp(config: Config, overrides: AppOverrides = {}): Promise<App> {
  const log = overrides.log ?? createLogger(config.logLevel);
  const metrics = createMetrics();
  const { maxImageBytes, connectTimeoutMs, concurrency, concurrencyPerSource } = config;
  const guard = createGuard({
    allowedNetworks: config.downloadAllowedNetworks,
    allowedPorts: config.downloadAllowedPorts,
  });
  // The connect limit covers DNS, and what comes after it needs some of the time as well.
  const resolve = overrides.resolve ?? createResolver({ timeoutMs: 0.6 * connectTimeoutMs });
  const agents = createGuardedAgents({
    guard,
    resolve,
    connectTimeoutMs,
    idlePerHost: concurrencyPerSource,
  });
  const embedded = config.imgurApiUrl === null ? await startEmbedded(config, guard, log) : null;
  const credentialOf = (clientId: string | null): string => imgur.credentials.key(clientId);
  const jobLog = createJobLog(log, metrics);
  const fleet = await joinFleet(config, credentialOf, log, jobLog);
  const imgur = connectImgur(config, embedded, log, metrics, fleet);

  const { store, queue } = fleet ?? jobsInMemory(config, credentialOf);
  const converter = findConverter(config, log, metrics);
  const relay = createRelay({
    maxImageBytes,
    stallTimeoutMs: config.stallTimeoutMs,
    downloadTimeoutMs: config.downloadTimeoutMs,
    uploadTimeoutMs: config.uploadTimeoutMs,
    budget: new MemoryBudget(COLLECTED_BYTES),
    converter,
    openSource: createDownload({
      judgeUrl: (url) => guard.judgeUrl(url),
      agentFor: (url) => agents.agentFor(url),
      userAgent: config.userAgent,
      maxImageBytes,
    }),
    upload: imgur.upload,
    persist: imgur.persist,
    observer: metrics,
  });
  const gate = tellsLatest(imgur.gate);
  const limits = { concurrency, attempts: config.attempts, retryDelayMs: config.retryDelayMs };
  const undo = createUndo({ store, imgur: imgur.manager, metrics, log });
  const hire = (from: WorkQueue): Worker =>
    createWorker({ queue: from, relay, gate, log, jobLog, limits, observer: metrics, undo });
  const lambda = config.invoker === 'lambda' ? createLambdaInvoker({ ...config, log }) : null;
  const invoker: AsyncInvoker = lambda ?? createInProcessInvoker(log);
  const shifts = fleet && 'shifts' in fleet ? fleet.shifts : null;
  const worker =
    lambda && shifts
      ? createShiftWorker({
          ...{ shifts, hire },
          startNext: () => lambda.invoke({ name: 'process-upload' }, {}),
          imageMs: config.downloadTimeoutMs + config.uploadTimeoutMs,
        })
      : hire(config.role === 'api' ? NO_QUEUE : queue);
  metrics.watch({
    counts: () => ifKnown(() => store.counts()),
    ...(fleet ? { processes: () => ifKnown(() => fleet.instances()) } : {}),
    pausedUntil: () => imgur.gate.pausedUntil(),
  });

  // What others left behind waits for nobody's call.
  if (fleet && !shifts && config.role !== 'api') void worker.run();

  let draining: Promise<void> | null = null;
  return {
    config,
    log,
    store,
    links: new LinksBody(store),
    worker,
    jobLog,
    invoker,
    gate: imgur.gate,
    imgur: imgur.manager,
    makeAlbum: createMakeAlbum({
      imgur: imgur.manager,
      gate: imgur.gate,
      pausedUntil: () => imgur.gate.pausedUntil(),
      credentialOf,
      once: fleet?.once ?? onceInMemory(),
      metrics,
      log,
    }),
    metrics,
    embedded,
    fleet,
    get draining() {
      return draining !== null;
    },
    unready: createReadiness({
      isStopping: () => draining !== null,
      isStoreAlive: () => fleet?.isAlive ?? true,
      gate: imgur.gate,
      unreachable: imgur.unreachable,
    }),
    drain() {
      draining ??= drain();
      return draining;
    },
  };

  async function drain(): Promise<void> {
    await worker.drain(config.drainTimeoutMs);
    await invoker.settled();
    await converter?.close();
    await fleet?.close();
    await release(imgur, agents, embedded);
  }
}

/** Null while the database is away. */
async function ifKnown<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (isStoreUnavailable(error)) return null;
    throw error;
  }
}

function jobsInMemory(
  config: Config,
  credentialOf: (clientId: string | null) => string,
): { store: JobStore; queue: WorkQueue } {
  const jobs = new MemoryJobs({ ...config, credentialOf });
  return { store: jobs, queue: jobs };
}

/** The client of PostgreSQL is not so much as evaluated where nobody needs it. */
async function joinFleet(
  config: Config,
  credentialOf: (clientId: string | null) => string,
  log: Logger,
  jobLog: JobLog,
): Promise<PgJobs | PgLambdaJobs | null> {
  const { databaseUrl: url } = config;
  if (url === null) return null;
  const parts = {
    ...{ ...config, url, credentialOf, log },
    onGivenUp: (all: readonly Settled[]) => void jobLog.imagesEnded(all, ENDS_ITS_WORKERS),
  };
  if (config.invoker === 'lambda') {
    const { openPgLambdaJobs } = await import('./postgres/pg-lambda-jobs');
    return openPgLambdaJobs(parts);
  }
  const { openPgJobs } = await import('./postgres/pg-jobs');
  return openPgJobs(parts);
}

/** @throws {ConfigError} for a folder that cannot be written. */
async function judgeFolder(folder: string | null): Promise<void> {
  if (folder === null) return;
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError([
      `Expected EMBEDDED_IMGUR_DIR to be a folder that can be written, got ${why}`,
    ]);
  }
}

/** A stand-in that takes sample pictures from beside the code, wherever the gateway was started. */
async function startEmbedded(config: Config, guard: Guard, log: Logger): Promise<ImgurStandIn> {
  await judgeFolder(config.embeddedImgurDir);
  const embedded = await startImgurStandIn({
    publicUrl: `${config.publicUrl}/embedded`,
    directory: config.embeddedImgurDir,
    maxBytes: config.embeddedImgurBytes,
    maxImageBytes: config.maxImageBytes,
    samplesDir: path.resolve('samples'),
    // Such as a disk that is full.
    onError: (error) => log.error({ error }, 'the embedded Imgur failed'),
  });
  // Its sample pictures are the one thing of loopback that a download may reach.
  guard.open(embedded.address, embedded.port);
  return embedded;
}

interface ImgurParts extends ImgurClient {
  readonly credentials: Credentials;
  readonly gate: RateGate;
  readonly manager: ImgurManager;
  readonly unreachable: Reachability;
  readonly agent: http.Agent;
}

function connectImgur(
  config: Config,
  embedded: ImgurStandIn | null,
  log: Logger,
  metrics: Metrics,
  fleet: PgJobs | null,
): ImgurParts {
  const apiUrl = embedded?.url ?? config.imgurApiUrl ?? '';
  const Agent = apiUrl.startsWith('https:') ? https.Agent : http.Agent;
  const agent = new Agent({ keepAlive: true, timeout: config.uploadTimeoutMs, scheduling: 'lifo' });
  const ownGate = createRateGate({
    maxPauseMs: config.maxPauseMs,
    concurrency: config.concurrency,
    log,
    onPause: () => metrics.pauseStarted(),
  });
  const gate = fleet?.shareGate(ownGate) ?? ownGate;
  const credentials = createCredentials({
    clientId: embedded ? 'embedded' : config.imgurClientId,
    accessToken: config.imgurAccessToken,
    clientSecret: config.imgurClientSecret,
    refreshToken: config.imgurRefreshToken,
    apiUrl,
    agent,
    userAgent: config.userAgent,
    timeoutMs: config.uploadTimeoutMs,
    log,
    ...(fleet ? { renew: fleet.renewTokens } : {}),
  });
  const client = createImgurClient({
    apiUrl,
    credentials,
    gate,
    agent,
    userAgent: config.userAgent,
    onRemaining: (uploads) => metrics.creditsRemaining(uploads),
  });
  const manager = createImgurManager({
    apiUrl,
    credentials,
    gate,
    agent,
    userAgent: config.userAgent,
    timeoutMs: Math.min(config.uploadTimeoutMs, MANAGE_TIMEOUT_MS),
  });
  const unreachable = embedded
    ? () => Promise.resolve(null)
    : createReachability({ apiUrl, agent, userAgent: config.userAgent, log });
  return { credentials, gate, manager, unreachable, agent, ...client };
}

async function release(
  imgur: ImgurParts,
  agents: GuardedAgents,
  embedded: ImgurStandIn | null,
): Promise<void> {
  imgur.gate.close();
  imgur.agent.destroy();
  agents.destroy();
  await embedded?.close();
}
