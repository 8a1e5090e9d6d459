/* global fetch */
// Runs a container of IMAGE with ENGINE (docker, or what takes the same commands) as an operator
// would, and speaks to the service in it from outside.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const { ENGINE = 'docker' } = process.env;
export const { IMAGE = 'image-relay' } = process.env;

/** As in compose.yaml, which gives 512 MB more for converting. */
const HARDENED = [
  '--read-only',
  '--tmpfs=/tmp:size=16m',
  '--cpus=1',
  '--pids-limit=256',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
];

const names = new Set();

/** Gives what the engine printed. */
export async function engine(...args) {
  const { stdout } = await engineOutput(...args);
  return stdout.trim();
}

/** `docker compose` with this project's compose.yaml, in an environment of its own. */
export function composeProject(environment) {
  const folder = mkdtempSync(path.join(tmpdir(), 'image-relay-'));
  const thisImage = path.join(folder, 'image.json');
  writeFileSync(thisImage, JSON.stringify({ services: { 'image-relay': { image: IMAGE } } }));
  const files = ['--file=compose.yaml', `--file=${thisImage}`, '--env-file=/dev/null'];
  const options = [...files, `--project-name=${path.basename(folder).toLowerCase()}`];
  return {
    run: (...args) => engineWith(environment, 'compose', ...options, ...args),
    async remove() {
      await engineWith(environment, 'compose', ...options, 'down', '--timeout=2');
      rmSync(folder, { recursive: true });
    },
  };
}

export async function hasCompose() {
  return engine('compose', 'version').then(
    () => true,
    () => false,
  );
}

async function engineWith(environment, ...args) {
  const { PATH, HOME } = process.env;
  const { stdout } = await execute(ENGINE, args, { env: { PATH, HOME, ...environment } });
  return stdout.trim();
}

function engineOutput(...args) {
  return execute(ENGINE, args, { maxBuffer: 2 ** 28, timeout: 60_000 });
}

export async function removeContainers() {
  await Promise.allSettled([...names].map((name) => engine('rm', '--force', name)));
}

/** Resolves at the first answer. `headers` go with each request. */
export async function startService(settings, headers = {}, memory = '512m') {
  const name = `image-relay-check-${randomUUID()}`;
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const environment = Object.entries({ PUBLIC_URL: base, ...settings });
  const options = [
    `--name=${name}`,
    `--publish=127.0.0.1:${port}:3000`,
    ...environment.map(([variable, value]) => `--env=${variable}=${value}`),
  ];
  names.add(name);
  const begun = performance.now();
  await engine('run', '--detach', ...HARDENED, `--memory=${memory}`, ...options, IMAGE);

  const get = (target) => fetch(base + target, { headers });
  const json = async (target) => (await get(target)).json();
  const exec = (...command) => engine('exec', name, ...command);
  const post = (urls, clientId) =>
    fetch(`${base}/v1/images/upload`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ urls, clientId }),
    });

  await firstAnswer();
  const readySeconds = secondsSince(begun);

  return {
    name,
    readySeconds,
    exec,
    get,
    json,
    post,
    /** Gives the id of the new job. */
    async submit(urls, clientId) {
      const answer = await post(urls, clientId);
      if (answer.status !== 202) throw new Error(`Expected 202, got ${await answer.text()}`);
      return (await answer.json()).jobId;
    },
    /** Asks for the job until `isReached` says so. */
    async jobOnce(id, isReached) {
      for (const begun = performance.now(); secondsSince(begun) < 90; await sleep(20)) {
        const job = await json(`/v1/images/upload/${id}`);
        if (await isReached(job)) return job;
      }
      throw new Error(`Expected job ${id} to get on within 90 s; ${await logText()}`);
    },
    /** In MiB: `VmRSS`, now, or `VmHWM`, the most so far. */
    async memory(field) {
      const status = await exec('cat', '/proc/1/status');
      return Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]) / 1024);
    },
    logText,
    /** SIGTERM, and SIGKILL after ten seconds, as `docker stop` does it. */
    async stop() {
      const begun = performance.now();
      await engine('stop', '--time=10', name);
      const took = secondsSince(begun);
      const [{ State: state }] = JSON.parse(await engine('inspect', name));
      const lines = (await logText()).split('\n').flatMap((line) => parseLine(line));
      return { took, exitCode: state.ExitCode, lines };
    },
  };

  async function firstAnswer() {
    for (;;) {
      if ((await healthStatus(base)) === 200) return;
      if (secondsSince(begun) > 30) throw new Error(`Expected an answer; ${await logText()}`);
      await sleep(20);
    }
  }

  async function logText() {
    const { stdout, stderr } = await engineOutput('logs', name);
    return stdout + stderr;
  }
}

/** Null where there is no answer. Not by fetch, which Node 20 may leave hanging after a reset. */
function healthStatus(base) {
  return new Promise((resolve) => {
    const request = http.get(`${base}/health`, { agent: false, timeout: 2000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(null));
    request.on('close', () => resolve(null));
  });
}

export function secondsSince(begun) {
  return Math.round((performance.now() - begun) / 100) / 10;
}

function parseLine(line) {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
