import net from 'node:net';
import type { App } from '../lib/app';
import { getApp } from '../lib/app-anchor';
import { ConfigError, loadConfig } from '../lib/config';
import type { Door } from './door';
import { settingWarnings } from '../lib/setting-warnings';
import { loadEnvFile } from './env-file';
import { openGateway, type GatewayServer } from './gateway';
import { holdAnyPort, type HeldPort } from './any-port';
import { refuseStart } from './refuse-start';
import { stopOnSignals } from './signals';

/** The parts of Serverless and of serverless-offline that this plugin relies on. */
interface Serverless {
  readonly processedInput: { readonly commands: readonly string[] };
  readonly pluginManager: { readonly plugins: readonly object[] };
}
interface ServerlessOffline {
  internals(): { getApiGatewayServer(): GatewayServer };
}

/**
 * Ties the life of the service to that of `serverless offline start`: the settings are judged
 * before anything else, the parts are built before the first request, the gateway is opened to
 * HOST:PORT, and a stop drains before the process ends.
 */
export default class ServicePlugin {
  readonly hooks = {
    'before:offline:start:init': () => this.#prepare(),
    'after:offline:start:init': () => this.#open(),
    'before:offline:start:ready': () => this.#announce(),
    'before:offline:start:end': () => this.#drain(),
  };

  readonly #serverless: Serverless;
  #gateway: Door | null = null;
  #held: HeldPort | null = null;
  readonly #print = console.log; // eslint-disable-line no-console -- put back as it was

  constructor(serverless: Serverless) {
    this.#serverless = serverless;
    if (serverless.processedInput.commands[0] === 'offline') stopOnBadSettings();
  }

  async #prepare(): Promise<void> {
    // serverless-offline prints a table of its own, internal addresses to standard output, which
    // belongs to our JSON lines.
    console.log = () => undefined; // eslint-disable-line no-console
    await this.#choosePort();
    try {
      await getApp();
    } catch (error) {
      // Such as a folder that cannot be written, which only the file system knows.
      const problems = problemsOf(error);
      if (problems === null) throw error;
      refuseStart(problems);
    }
  }

  /** With PORT=0, the parts are built with the port that it comes to: embedded links hold it. */
  async #choosePort(): Promise<void> {
    const { host, port } = loadConfig(process.env);
    if (port !== 0) return;
    this.#held = await holdAnyPort(host);
    if (this.#held) process.env['PORT'] = String(this.#held.port);
  }

  async #open(): Promise<void> {
    console.log = this.#print; // eslint-disable-line no-console
    const app = await getApp();
    const { config, log } = app;
    surviveDefects(app);
    app.metrics.watchProcess();
    const gateway = this.#emulatedGateway();
    try {
      await this.#held?.release();
      this.#gateway = await openGateway(gateway, config, log, (exchange) => {
        app.metrics.httpAnswered(exchange);
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      refuseStart([`Expected HOST and PORT to be free to listen on, got: ${why}`]);
    }
  }

  /** Listens for signals first: whoever reads that the service is ready may send one at once. */
  async #announce(): Promise<void> {
    const { config, log, embedded } = await getApp();
    stopOnSignals(log);
    const { publicUrl, host, port } = config;
    const listening = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
    log.info(
      { url: publicUrl, host, port, imgur: config.imgurApiUrl ?? 'embedded' },
      `image-relay is ready at ${publicUrl}, and listens on ${listening}`,
    );
    for (const warning of settingWarnings(config, process.env)) log.warn(warning);
    if (embedded) {
      const where = config.embeddedImgurDir === null ? 'in memory only' : 'in a folder';
      log.warn(`no Imgur credential is set: pictures go to the embedded Imgur, ${where}`);
    }
  }

  async #drain(): Promise<void> {
    const app = await getApp();
    // Where they are kept may be away, which holds up no stop.
    const counts = await app.store.counts().catch(() => null);
    app.log.info({ inFlight: counts?.inProgress, pending: counts?.pending }, 'stopping');
    await app.drain();
    app.log.info('stopped');
    await this.#gateway?.close();
  }

  #emulatedGateway(): GatewayServer {
    const offline = this.#serverless.pluginManager.plugins.find(
      (plugin): plugin is ServerlessOffline => plugin.constructor.name === 'ServerlessOffline',
    );
    if (!offline) throw new Error('Expected serverless-offline among the plugins, found none');
    return offline.internals().getApiGatewayServer();
  }
}

/**
 * The settings are those of the environment, and of `.env` where the environment says nothing.
 * IMAGE_RELAY_ENV_FILE names another file, or none where it is empty: no test reads the
 * developer's.
 */
function stopOnBadSettings(): void {
  const problems = loadEnvFile(process.env['IMAGE_RELAY_ENV_FILE'] ?? '.env', process.env);
  try {
    loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
  }
  if (problems.length > 0) refuseStart(problems);
}

/**
 * The exit status of a crash (EX_SOFTWARE of sysexits.h). A supervisor starts the service anew
 * after it, but not after 1, which another start would not mend.
 */
const CRASHED = 70;

/**
 * A rejection that nobody handles is logged and counted, and all other jobs go on. An exception
 * that nobody caught ends the process: nobody knows what it left half done.
 */
function surviveDefects({ log, metrics }: App): void {
  process.on('unhandledRejection', (error) => {
    log.error({ error }, 'unhandled rejection');
    metrics.unhandledRejection();
  });
  process.on('uncaughtException', (error) => {
    log.fatal({ error }, 'crashed');
    process.exit(CRASHED);
  });
}

/** What a `ConfigError` says, of whichever class: each bundle has one of its own. */
function problemsOf(error: unknown): readonly string[] | null {
  if (!(error instanceof Error) || error.name !== 'ConfigError') return null;
  return 'problems' in error ? (error.problems as readonly string[]) : null;
}
