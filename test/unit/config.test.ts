import { ConfigError, loadConfig, LOG_LEVELS } from '../../lib/config';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('has a default for every setting', () => {
    expect(loadConfig({})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      requestTimeoutMs: 30_000,
      maxConnections: 10_000,
      publicUrl: 'http://localhost:3000',
      imgurClientId: null,
      imgurAccessToken: null,
      imgurClientSecret: null,
      imgurRefreshToken: null,
      imgurApiUrl: null,
      embeddedImgurDir: null,
      embeddedImgurBytes: 67_108_864,
      databaseUrl: null,
      role: 'all',
      invoker: 'process',
      lambdaEndpoint: null,
      lambdaFunction: 'image-relay-local-process-upload',
      maxWorkers: 5,
      apiKeys: [],
      trustedProxies: [],
      corsAllowedOrigins: [],
      concurrency: 32,
      concurrencyPerSource: 8,
      maxUrlsPerJob: 1000,
      maxQueuedImages: 100_000,
      maxFinishedImages: 200_000,
      maxLinks: 500_000,
      maxImageBytes: 10_485_760,
      connectTimeoutMs: 5000,
      stallTimeoutMs: 10_000,
      downloadTimeoutMs: 30_000,
      uploadTimeoutMs: 60_000,
      attempts: 3,
      retryDelayMs: 500,
      maxPauseMs: 3_600_000,
      downloadAllowedNetworks: [],
      downloadAllowedPorts: [80, 443],
      convertImages: true,
      convertConcurrency: 1,
      convertMaxPixels: 16_000_000,
      convertTimeoutMs: 20_000,
      userAgent: expect.stringMatching(/^image-relay\/\d+\.\d+\.\d+$/),
      drainTimeoutMs: 8000,
      logLevel: 'info',
    });
  });

  it('takes a queue that just holds a job', () => {
    const { maxQueuedImages } = loadConfig({ MAX_QUEUED_IMAGES: '20', MAX_URLS_PER_JOB: '20' });
    expect(maxQueuedImages).toBe(20);
  });

  it('takes the smallest and the largest number that it may be, and none beyond', () => {
    const taken = (CONCURRENCY: string): number => loadConfig({ CONCURRENCY }).concurrency;
    expect([taken('1'), taken('1024')]).toEqual([1, 1024]);
    for (const beyond of ['0', '1025']) expect(() => taken(beyond)).toThrow('CONCURRENCY');
  });

  it('takes another name for sources', () => {
    const USER_AGENT = 'fetcher/1 (+https://a.example)';
    expect(loadConfig({ USER_AGENT }).userAgent).toBe(USER_AGENT);
  });

  it.each(LOG_LEVELS)('takes the log level %s', (LOG_LEVEL) => {
    expect(loadConfig({ LOG_LEVEL }).logLevel).toBe(LOG_LEVEL);
  });

  it('is frozen', () => {
    expect(Object.isFrozen(loadConfig({}))).toBe(true);
  });

  it('takes an empty variable for an unset one', () => {
    expect(loadConfig({ PORT: '', IMGUR_CLIENT_ID: ' ', API_KEYS: ' ' })).toEqual(loadConfig({}));
  });

  it.each([
    [{ IMGUR_CLIENT_ID: 'id' }, 'https://api.imgur.com'],
    [{ IMGUR_ACCESS_TOKEN: 'token' }, 'https://api.imgur.com'],
    [{ IMGUR_API_URL: 'http://127.0.0.1:9/base/' }, 'http://127.0.0.1:9/base'],
    [{}, null],
  ])('with %j speaks to %s', (env, url) => {
    expect(loadConfig(env as Record<string, string>).imgurApiUrl).toBe(url);
  });

  it('reads lists', () => {
    const config = loadConfig({
      API_KEYS: 'one, two,',
      DOWNLOAD_ALLOWED_PORTS: '1, 80, 65535',
      DOWNLOAD_ALLOWED_NETWORKS: '10.0.0.0/8,fd00::/8',
      CORS_ALLOWED_ORIGINS: 'https://a.example,http://localhost:5173',
      TRUSTED_PROXIES: '172.16.0.0/12, ::1/128',
    });
    expect(config.apiKeys).toEqual(['one', 'two']);
    expect(config.downloadAllowedPorts).toEqual([1, 80, 65_535]);
    expect(
      config.downloadAllowedNetworks.map(([address, bits]) => `${address.toString()}/${bits}`),
    ).toEqual(['10.0.0.0/8', 'fd00::/8']);
    expect(config.trustedProxies.map(([address, bits]) => `${address.toString()}/${bits}`)).toEqual(
      ['172.16.0.0/12', '::1/128'],
    );
    expect(config.corsAllowedOrigins).toEqual(['https://a.example', 'http://localhost:5173']);
  });

  it('takes Lambda for what starts the work where Lambda runs it, unless it is told', () => {
    const env = { DATABASE_URL: 'postgres://db/relay', IMGUR_CLIENT_ID: 'id' };
    const here = { ...env, AWS_LAMBDA_FUNCTION_NAME: 'image-relay-prod-health' };
    expect(loadConfig(here).invoker).toBe('lambda');
    expect(loadConfig({ ...here, INVOKER: 'process' }).invoker).toBe('process');
    expect(loadConfig({ ...env, INVOKER: 'lambda' }).invoker).toBe('lambda');
    expect(loadConfig(env).invoker).toBe('process');
  });

  it('names its home to sources where one is set', () => {
    const { userAgent, publicUrl } = loadConfig({ PUBLIC_URL: 'https://relay.example/' });
    expect(publicUrl).toBe('https://relay.example');
    expect(userAgent).toMatch(/^image-relay\/\S+ \(\+https:\/\/relay\.example\)$/);
  });

  it.each([
    [
      { INVOKER: 'lambda' },
      'Expected DATABASE_URL beside INVOKER=lambda, got none: in memory, each function would have jobs of its own',
    ],
    [{ PORT: '65536' }, 'Expected PORT to be a whole number from 0 to 65535, got "65536"'],
    [{ PORT: '80.5' }, 'Expected PORT to be a whole number from 0 to 65535, got "80.5"'],
    [
      { CONCURRENCY: 'many' },
      'Expected CONCURRENCY to be a whole number from 1 to 1024, got "many"',
    ],
    [
      { STALL_TIMEOUT_MS: '99999999999' },
      'Expected STALL_TIMEOUT_MS to be a whole number from 1 to 2147483647, got "99999999999"',
    ],
    [
      { LOG_LEVEL: 'loud' },
      'Expected LOG_LEVEL to be one of trace, debug, info, warn, error, fatal, silent, got "loud"',
    ],
    [
      { DOWNLOAD_ALLOWED_NETWORKS: '10.0.0.0/8,lan' },
      'Expected DOWNLOAD_ALLOWED_NETWORKS to be CIDRs like 10.0.0.0/8 or fd00::/8, got "lan"',
    ],
    [
      { TRUSTED_PROXIES: '10.0.0.1' },
      'Expected TRUSTED_PROXIES to be CIDRs like 10.0.0.0/8 or fd00::/8, got "10.0.0.1"',
    ],
    [
      { DOWNLOAD_ALLOWED_PORTS: '80,70000' },
      'Expected DOWNLOAD_ALLOWED_PORTS to be ports from 1 to 65535, got "70000"',
    ],
    [
      { CORS_ALLOWED_ORIGINS: 'app.example' },
      'Expected CORS_ALLOWED_ORIGINS to be origins like https://app.example.com, or *, got "app.example"',
    ],
    [
      { CORS_ALLOWED_ORIGINS: 'https://me:s3cret@app.example' },
      'Expected CORS_ALLOWED_ORIGINS to be origins like https://app.example.com, or *, got one with an @',
    ],
    [{ API_KEYS: ',' }, 'Expected API_KEYS to hold a key or to be empty, got commas alone'],
    [{ API_KEYS: ' , ' }, 'Expected API_KEYS to hold a key or to be empty, got commas alone'],
    [
      { MAX_QUEUED_IMAGES: '999' },
      'Expected MAX_QUEUED_IMAGES to be at least MAX_URLS_PER_JOB, which is 1000, got "999"',
    ],
    [
      { MAX_QUEUED_IMAGES: '20', MAX_URLS_PER_JOB: '21' },
      'Expected MAX_QUEUED_IMAGES to be at least MAX_URLS_PER_JOB, which is 21, got "20"',
    ],
    [
      { MAX_QUEUED_IMAGES: '20', MAX_URLS_PER_JOB: 'few' },
      'Expected MAX_URLS_PER_JOB to be a whole number from 1 to 100000, got "few"',
    ],
    ...['PUBLIC_URL', 'IMGUR_API_URL'].flatMap((name) =>
      [
        'http://s3cret@host/',
        'http://:s3cret@host/',
        'http://me:s3cret@host/',
        'http://host/?s3cret',
        'http://host/#s3cret',
      ].map((url) => [
        { [name]: url },
        `Expected ${name} to be an http(s) URL without credentials, query or fragment, got something else`,
      ]),
    ),
    [
      { PUBLIC_URL: 'ftp://relay.example' },
      'Expected PUBLIC_URL to be an http(s) URL without credentials, query or fragment, got something else',
    ],
    [{ USER_AGENT: 'naïve' }, 'Expected USER_AGENT to be printable ASCII, got other characters'],
    [
      { IMGUR_REFRESH_TOKEN: 'x', IMGUR_CLIENT_ID: 'y' },
      'Expected IMGUR_CLIENT_ID and IMGUR_CLIENT_SECRET beside IMGUR_REFRESH_TOKEN, got only IMGUR_CLIENT_ID',
    ],
  ])('refuses %j', (env, problem) => {
    expect(problemsOf(env as Record<string, string>)).toEqual([problem]);
  });

  it('tells all that is wrong at once, and no secret', () => {
    const secrets = {
      IMGUR_CLIENT_SECRET: 'sec ret-one',
      IMGUR_ACCESS_TOKEN: 'sec ret-two',
      API_KEYS: 'fine,sec ret-three',
      IMGUR_API_URL: 'https://me:secret-four@api.example',
    };
    const problems = problemsOf({ ...secrets, PORT: 'x', ATTEMPTS: '0' });
    expect(problems).toHaveLength(6);
    expect(problems.join()).not.toMatch(/ret-/);
    for (const name of [...Object.keys(secrets), 'PORT', 'ATTEMPTS']) {
      expect(problems.some((problem) => problem.includes(name))).toBe(true);
    }
  });

  it('takes a database only with an Imgur for all processes, and a role only with a database', () => {
    const url = 'postgres://relay:s3cret-database@db:5432/relay';
    expect(problemsOf({ DATABASE_URL: url, IMGUR_CLIENT_ID: 'me', ROLE: 'worker' })).toEqual([]);
    expect(problemsOf({ DATABASE_URL: url })).toEqual([
      'Expected a credential or IMGUR_API_URL beside DATABASE_URL, got neither: ' +
        'the embedded Imgur belongs to one process',
    ]);
    expect(problemsOf({ ROLE: 'api' })).toEqual([
      'Expected DATABASE_URL beside ROLE=api, got none',
    ]);
    const bad = problemsOf({ DATABASE_URL: 'mysql://me:s3cret@db', IMGUR_CLIENT_ID: 'me' });
    expect(bad).toEqual([
      'Expected DATABASE_URL to begin with postgres:// and a host, got something else',
    ]);
  });
});
