import ipaddr from 'ipaddr.js';
import { version } from '../package.json';
import { environmentReader, VISIBLE_ASCII, type Environment } from './environment-reader';
import { MAX_TIMER_MS } from './longest-timer';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
/** What a process does of the work of several on one database. */
export const ROLES = ['all', 'api', 'worker'] as const;
export type Role = (typeof ROLES)[number];

/** How `process-upload` is started: in this process, or by Lambda. */
export const INVOKERS = ['process', 'lambda'] as const;
export type Invoker = (typeof INVOKERS)[number];

/** An address and a prefix length, as ipaddr.js parses a CIDR. */
export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Every setting, validated. Durations in milliseconds, sizes in bytes. Frozen. */
export interface Config {
  /** 0 for any that is free. */
  port: number;
  host: string;
  /** How long a request may take to come in whole. */
  requestTimeoutMs: number;
  maxConnections: number;
  /** How a browser reaches the service; no trailing slash. */
  publicUrl: string;
  imgurClientId: string | null;
  imgurAccessToken: string | null;
  imgurClientSecret: string | null;
  imgurRefreshToken: string | null;
  /** Base of Imgur's API without a trailing slash; null means the embedded Imgur. */
  imgurApiUrl: string | null;
  /** Where the embedded Imgur keeps pictures; null: in memory. */
  embeddedImgurDir: string | null;
  embeddedImgurBytes: number;
  /** Where jobs are kept; null means the memory of this process. It holds a password. */
  databaseUrl: string | null;
  role: Role;
  invoker: Invoker;
  /** Where Lambda's API is; null means AWS's own. */
  lambdaEndpoint: string | null;
  /** The name or ARN under which `process-upload` is deployed. */
  lambdaFunction: string;
  /** Runs of `process-upload` that may work at once on Lambda. */
  maxWorkers: number;
  apiKeys: readonly string[];
  /** Whose `X-Forwarded-For` counts. */
  trustedProxies: readonly Network[];
  corsAllowedOrigins: readonly string[];
  concurrency: number;
  concurrencyPerSource: number;
  maxUrlsPerJob: number;
  maxQueuedImages: number;
  maxFinishedImages: number;
  maxLinks: number;
  maxImageBytes: number;
  connectTimeoutMs: number;
  stallTimeoutMs: number;
  downloadTimeoutMs: number;
  uploadTimeoutMs: number;
  attempts: number;
  retryDelayMs: number;
  maxPauseMs: number;
  downloadAllowedNetworks: readonly Network[];
  downloadAllowedPorts: readonly number[];
  userAgent: string;
  /** Whether WebP and AVIF are converted to what Imgur takes. */
  convertImages: boolean;
  /** Child processes that convert. */
  convertConcurrency: number;
  /** Of all frames of a picture together. */
  convertMaxPixels: number;
  /** For one picture. */
  convertTimeoutMs: number;
  drainTimeoutMs: number;
  logLevel: LogLevel;
}

/** Thrown by `loadConfig`; its message names every bad variable, one a line, and no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The service cannot start with these settings:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

const IMGUR_API_URL = 'https://api.imgur.com';

function parseNetwork(text: string): Network | null {
  return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : null;
}

function parsePort(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

function parseOrigin(text: string): string | null {
  return text === '*' || (URL.canParse(text) && new URL(text).origin === text) ? text : null;
}

/**
 * Turns an environment into the settings of the service. The only reader of `process.env` is the
 * caller that passes it in here.
 *
 * @throws {ConfigError} naming every variable that makes no sense.
 */
export function loadConfig(env: Environment): Config {
  const from = environmentReader(env);
  const { integer, secret, list, read, readSecret, problems } = from;

  const port = integer('PORT', 3000, 0, 65_535);
  const publicUrl = from.httpUrl('PUBLIC_URL');
  const imgurClientId = secret('IMGUR_CLIENT_ID');
  const imgurAccessToken = secret('IMGUR_ACCESS_TOKEN');
  const imgurClientSecret = secret('IMGUR_CLIENT_SECRET');
  const imgurRefreshToken = secret('IMGUR_REFRESH_TOKEN');
  if (imgurRefreshToken && !(imgurClientId && imgurClientSecret)) {
    problems.push(
      'Expected IMGUR_CLIENT_ID and IMGUR_CLIENT_SECRET beside IMGUR_REFRESH_TOKEN, got only ' +
        (imgurClientId ? 'IMGUR_CLIENT_ID' : imgurClientSecret ? 'IMGUR_CLIENT_SECRET' : 'itself'),
    );
  }
  const hasCredential = Boolean(imgurClientId ?? imgurAccessToken);
  const imgurApiUrl = from.httpUrl('IMGUR_API_URL') ?? (hasCredential ? IMGUR_API_URL : null);

  const embeddedImgurDir = read('EMBEDDED_IMGUR_DIR');

  const userAgent = read('USER_AGENT');
  if (userAgent !== null && !/^[\x20-\x7e]+$/.test(userAgent)) {
    problems.push('Expected USER_AGENT to be printable ASCII, got other characters');
  }
  const allowedPorts = list('DOWNLOAD_ALLOWED_PORTS', 'ports from 1 to 65535', parsePort);

  const database = readDatabase();

  const config: Config = {
    port,
    host: read('HOST') ?? '127.0.0.1',
    requestTimeoutMs: integer('REQUEST_TIMEOUT_MS', 30_000, 1, MAX_TIMER_MS),
    maxConnections: integer('MAX_CONNECTIONS', 10_000, 1, 1_000_000),
    publicUrl: publicUrl ?? `http://localhost:${port}`,
    imgurClientId,
    imgurAccessToken,
    imgurClientSecret,
    imgurRefreshToken,
    imgurApiUrl,
    embeddedImgurDir,
    // A folder drops nothing, so it has more room by itself.
    embeddedImgurBytes: integer(
      'EMBEDDED_IMGUR_BYTES',
      embeddedImgurDir === null ? 67_108_864 : 1_073_741_824,
      1_048_576,
      2 ** 40,
    ),
    ...database,
    ...readInvoker(),
    apiKeys: readApiKeys(),
    trustedProxies: list('TRUSTED_PROXIES', 'CIDRs like 10.0.0.0/8 or fd00::/8', parseNetwork),
    corsAllowedOrigins: list(
      'CORS_ALLOWED_ORIGINS',
      'origins like https://app.example.com, or *',
      parseOrigin,
    ),
    concurrency: integer('CONCURRENCY', 32, 1, 1024),
    concurrencyPerSource: integer('CONCURRENCY_PER_SOURCE', 8, 1, 1024),
    ...readQueueBounds(),
    maxFinishedImages: integer('MAX_FINISHED_IMAGES', 200_000, 1, 10_000_000),
    maxLinks: integer('MAX_LINKS', 500_000, 1, 100_000_000),
    maxImageBytes: integer('MAX_IMAGE_BYTES', 10_485_760, 1, 1_073_741_824),
    connectTimeoutMs: integer('CONNECT_TIMEOUT_MS', 5000, 1, MAX_TIMER_MS),
    stallTimeoutMs: integer('STALL_TIMEOUT_MS', 10_000, 1, MAX_TIMER_MS),
    downloadTimeoutMs: integer('DOWNLOAD_TIMEOUT_MS', 30_000, 1, MAX_TIMER_MS),
    uploadTimeoutMs: integer('UPLOAD_TIMEOUT_MS', 60_000, 1, MAX_TIMER_MS),
    attempts: integer('ATTEMPTS', 3, 1, 100),
    retryDelayMs: integer('RETRY_DELAY_MS', 500, 0, MAX_TIMER_MS),
    maxPauseMs: integer('MAX_PAUSE_MS', 3_600_000, 0, MAX_TIMER_MS),
    downloadAllowedNetworks: list(
      'DOWNLOAD_ALLOWED_NETWORKS',
      'CIDRs like 10.0.0.0/8 or fd00::/8',
      parseNetwork,
    ),
    downloadAllowedPorts: allowedPorts.length > 0 ? allowedPorts : [80, 443],
    // Where the operator says how the service is reached, that is the home a source can turn to.
    userAgent: userAgent ?? `image-relay/${version}${publicUrl ? ` (+${publicUrl})` : ''}`,
    convertImages: from.oneOf('CONVERT_IMAGES', ['true', 'false'], 'true') === 'true',
    convertConcurrency: integer('CONVERT_CONCURRENCY', 1, 1, 64),
    convertMaxPixels: integer('CONVERT_MAX_PIXELS', 16_000_000, 1, 268_435_456),
    convertTimeoutMs: integer('CONVERT_TIMEOUT_MS', 20_000, 1, MAX_TIMER_MS),
    drainTimeoutMs: integer('DRAIN_TIMEOUT_MS', 8000, 0, MAX_TIMER_MS),
    logLevel: from.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
  };

  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);

  function readDatabase(): Pick<Config, 'databaseUrl' | 'role'> {
    const databaseUrl = readSecret('DATABASE_URL');
    const role = from.oneOf('ROLE', ROLES, 'all');
    if (databaseUrl !== null && !/^postgres(ql)?:\/\/[^/]/.test(databaseUrl)) {
      // Not repeated, as it may hold a password.
      problems.push(
        'Expected DATABASE_URL to begin with postgres:// and a host, got something else',
      );
    }
    if (databaseUrl === null && role !== 'all') {
      problems.push(`Expected DATABASE_URL beside ROLE=${role}, got none`);
    }
    if (databaseUrl !== null && imgurApiUrl === null) {
      problems.push(
        'Expected a credential or IMGUR_API_URL beside DATABASE_URL, got neither: ' +
          'the embedded Imgur belongs to one process',
      );
    }
    return { databaseUrl, role };
  }

  /** Lambda sets a variable that no operator would: it is looked for, and is no setting. */
  function readInvoker(): Pick<
    Config,
    'invoker' | 'lambdaEndpoint' | 'lambdaFunction' | 'maxWorkers'
  > {
    const isOnLambda = 'AWS_LAMBDA_FUNCTION_NAME' in env;
    const invoker = from.oneOf('INVOKER', INVOKERS, isOnLambda ? 'lambda' : 'process');
    if (invoker === 'lambda' && database.databaseUrl === null) {
      problems.push(
        'Expected DATABASE_URL beside INVOKER=lambda, got none: in memory, each function would have ' +
          'jobs of its own',
      );
    }
    return {
      invoker,
      lambdaEndpoint: from.httpUrl('LAMBDA_ENDPOINT'),
      lambdaFunction: read('LAMBDA_FUNCTION') ?? 'image-relay-local-process-upload',
      maxWorkers: integer('MAX_WORKERS', 5, 1, 1000),
    };
  }

  /** A key that is refused is a secret all the same, so only its number is told. */
  function readApiKeys(): string[] {
    const text = readSecret('API_KEYS');
    const keys = (text ?? '').split(',').flatMap((key) => key.trim() || []);
    const bad = keys.filter((key) => !VISIBLE_ASCII.test(key)).length;
    if (bad > 0) {
      problems.push(`Expected API_KEYS to be visible ASCII without blanks, got ${bad} other keys`);
    }
    // Whoever joined two empty variables meant to close the service.
    if (keys.length === 0 && text !== null) {
      problems.push('Expected API_KEYS to hold a key or to be empty, got commas alone');
    }
    return keys;
  }

  /** A job that never fits would be told to come back for ever. */
  function readQueueBounds(): Pick<Config, 'maxUrlsPerJob' | 'maxQueuedImages'> {
    const before = problems.length;
    const maxUrlsPerJob = integer('MAX_URLS_PER_JOB', 1000, 1, 100_000);
    const maxQueuedImages = integer('MAX_QUEUED_IMAGES', 100_000, 1, 10_000_000);
    if (problems.length === before && maxQueuedImages < maxUrlsPerJob) {
      problems.push(
        `Expected MAX_QUEUED_IMAGES to be at least MAX_URLS_PER_JOB, which is ${maxUrlsPerJob}, ` +
          `got "${maxQueuedImages}"`,
      );
    }
    return { maxUrlsPerJob, maxQueuedImages };
  }
}
