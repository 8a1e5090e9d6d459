/* global fetch */
// Proves from outside what the container promises; called by .ci/container.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  IMAGE,
  composeProject,
  engine,
  freePort,
  hasCompose,
  removeContainers,
  secondsSince,
  startService,
} from './engine.mjs';

const SAMPLES = 'samples';
const figures = {};
const done = [];

try {
  await check('image without tools and maps', checkImage);
  await check('read-only start without root, ports, health, links from outside', checkService);
  await check('1,000 pictures within 512 MB, SIGTERM in mid-job', checkLoad);
  await check('WebP and AVIF converted', checkConverting);
  await check('drain', checkDrain);
  await check('no secret in image or log', checkSecrets);
  if (await hasCompose()) await check('compose, with and without a credential', checkCompose);
  else say('skipped - compose: this engine has none');
  say(`Measured: ${JSON.stringify(figures)}`);
  say(`The container was checked: ${done.join('; ')}.`);
} finally {
  await removeContainers();
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

async function check(title, run) {
  const begun = performance.now();
  await run();
  done.push(title);
  say(`ok - ${title} (${secondsSince(begun)} s)`);
}

async function checkImage() {
  const [image] = JSON.parse(await engine('image', 'inspect', IMAGE));
  const [, base] = /^ARG BASE=(.+)$/m.exec(readFileSync('Dockerfile', 'utf8'));
  const [{ Size: baseSize }] = JSON.parse(await engine('image', 'inspect', base));
  figures.imageMB = Math.round(image.Size / 1e6);
  figures.overBaseMB = Math.round((image.Size - baseSize) / 1e6);
  assert(figures.overBaseMB < 100, `${figures.overBaseMB} MB over the base`);

  const { Labels: labels, User: user, ExposedPorts: ports } = image.Config;
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  assert.equal(user, 'node');
  assert.deepEqual(Object.keys(ports), ['3000/tcp']);
  assert.equal(labels['org.opencontainers.image.version'], version, 'ARG VERSION is out of date');

  const tools = ['typescript', 'jest', 'eslint', 'esbuild-linux-*'].map((name) => `-name ${name}`);
  const unwanted = ['-name "*.map"', '-name "*.ts"', '-name ".env*"', '-user node', ...tools];
  const command = `find /app ${unwanted.join(' -o ')}`;
  assert.equal(await engine('run', '--rm', '--entrypoint=sh', IMAGE, '-c', command), '');
}

async function checkService() {
  const key = randomBytes(12).toString('hex');
  const service = await startService({ API_KEYS: key }, { authorization: `Bearer ${key}` });
  figures.readySeconds = service.readySeconds;
  assert(service.readySeconds < 6, `ready after ${service.readySeconds} s`);

  assert.equal(await service.exec('id', '-u'), '1000');
  await assert.rejects(service.exec('touch', '/app/written'), /read-only file system/i);
  const sockets = (await service.exec('cat', '/proc/net/tcp', '/proc/net/tcp6')).split('\n');
  const listening = sockets.map((line) => line.trim().split(/\s+/)).filter((s) => s[3] === '0A');
  const open = listening.map(([, address]) => address).filter((a) => !a.startsWith('0100007F:'));
  assert.deepEqual(open, ['00000000:0BB8'], 'only port 3000 is open beyond loopback');
  await service.exec('node', 'local/health-check.mjs');
  figures.restMB = await service.memory('VmRSS');

  for (const page of ['/', '/openapi.json', '/metrics']) {
    assert.equal((await service.get(page)).status, 200, page);
  }
  const { samples } = await service.json('/health');
  const id = await service.submit(samples);
  const { uploaded } = await service.jobOnce(id, isComplete);
  await expectPictures(uploaded.complete, samples);
  const { exitCode } = await service.stop();
  assert.equal(exitCode, 0);
  assert(!(await service.logText()).includes(key));
}

async function checkLoad() {
  const service = await startService({});
  const { samples } = await service.json('/health');
  const urls = Array.from({ length: 1000 }, (_, n) => `${samples[n % samples.length]}?n=${n}`);
  const begun = performance.now();
  const first = await service.submit(urls);
  const { uploaded } = await service.jobOnce(first, isComplete);
  figures.loadSeconds = secondsSince(begun);
  figures.loadPeakMB = await service.memory('VmHWM');
  assert.equal(uploaded.complete.length, urls.length);
  await expectPictures(uploaded.complete.slice(-20), urls.slice(-20));

  const second = await service.submit(urls.map((url) => `${url}&again`));
  await service.jobOnce(second, (job) => job.uploaded.complete.length > 0);
  const { took, exitCode, lines } = await service.stop();
  figures.stopSeconds = took;
  assert(took < 10, `stopped after ${took} s`);
  assert.equal(exitCode, 0, 'also where memory runs out: 137, which engines do not always explain');
  const { pending } = lines.find(({ message }) => message === 'stopping');
  assert(pending > 0, 'stopped in mid-job');
  assert.equal(lines.filter(({ code }) => code === 'shutdown').length, pending);
}

async function checkConverting() {
  // As compose.yaml has it, where the largest picture is converted that is allowed by default.
  const settings = { DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8' };
  const service = await startService(settings, {}, '1g');
  await runInside(service, 'web-source.cjs');
  const formats = ['webp', 'avif'];
  const id = await service.submit(formats.map((format) => `http://127.0.0.1:8080/${format}`));
  await service.jobOnce(id, isComplete);
  const { images } = await service.json(`/v1/images/upload/${id}/images`);
  for (const [n, { sourceType, type, link, error }] of images.entries()) {
    assert.deepEqual([sourceType, type], [`image/${formats[n]}`, 'image/jpeg'], error?.message);
    const bytes = Buffer.from(await (await fetch(link)).arrayBuffer());
    assert.equal(bytes.toString('hex', 0, 3), 'ffd8ff');
  }
  const { exitCode } = await service.stop();
  assert.equal(exitCode, 0);
}

/** What is under way when the stop comes is finished, here two pictures of three seconds each. */
async function checkDrain() {
  const service = await startService({
    DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
    CONCURRENCY: '2',
  });
  await runInside(service, 'slow-source.cjs');
  const urls = Array.from({ length: 6 }, (_, n) => `http://127.0.0.1:8080/${n}.jpg`);
  const id = await service.submit(urls);
  await service.jobOnce(id, ({ status }) => status === 'in-progress');

  const stopping = service.stop();
  while ((await service.get('/health')).status !== 503) await sleep(20);
  const refused = await service.post(urls);
  assert.equal(refused.status, 503);
  assert(refused.headers.has('retry-after'));
  const { uploaded } = await service.json(`/v1/images/upload/${id}`);
  assert.deepEqual(uploaded, { pending: urls.slice(0, 2), complete: [], failed: urls.slice(2) });

  const { took, exitCode, lines } = await stopping;
  figures.drainSeconds = took;
  assert.equal(exitCode, 0);
  assert(took > 2 && took < 10, `stopped after ${took} s`);
  const abandoned = lines.filter(({ code }) => code === 'shutdown').map(({ url }) => url);
  assert.deepEqual(abandoned, urls.slice(2));
}

/** An Imgur that refuses every upload and repeats in its answer what it was sent. */
async function checkSecrets() {
  const secret = Object.fromEntries(
    ['IMGUR_CLIENT_ID', 'IMGUR_CLIENT_SECRET', 'IMGUR_REFRESH_TOKEN', 'IMGUR_ACCESS_TOKEN'].map(
      (name) => [name, randomBytes(12).toString('hex')],
    ),
  );
  const clientId = randomBytes(12).toString('hex');
  const service = await startService({
    ...secret,
    IMGUR_API_URL: 'http://127.0.0.1:8080',
    DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
    LOG_LEVEL: 'trace',
  });
  await runInside(service, 'slow-source.cjs');
  const urls = ['http://127.0.0.1:8080/a.jpg', 'http://127.0.0.1:8080/b.jpg'];
  for (const each of [undefined, clientId]) {
    const id = await service.submit(urls, each);
    const { uploaded } = await service.jobOnce(id, isComplete);
    assert.equal(uploaded.failed.length, 2);
  }
  await service.stop();
  const told = await Promise.all([
    service.logText(),
    engine('image', 'inspect', IMAGE),
    engine('history', '--no-trunc', IMAGE),
    engine('diff', service.name),
  ]);
  assert.match(told[0], /"code":"imgur_(auth|forbidden|rejected)"/, 'what Imgur repeated was read');
  for (const each of [...Object.values(secret), clientId]) assert(!told.join('').includes(each));
}

async function checkCompose() {
  const cases = [
    [{}, 'embedded'],
    [{ IMGUR_CLIENT_ID: 'a1b2c3d4e5f6a7b' }, 'https://api.imgur.com'],
  ];
  for (const [credential, imgur] of cases) {
    const port = await freePort();
    const project = composeProject({ PORT: String(port), ...credential });
    try {
      // Until the health check says so.
      await project.run('up', '--detach', '--no-build', '--wait', '--wait-timeout=60');
      const answer = await fetch(`http://127.0.0.1:${port}/health`);
      assert.equal((await answer.json()).imgur, imgur);
      const [{ Publishers: published }] = [
        JSON.parse(await project.run('ps', '--format=json')),
      ].flat();
      assert.deepEqual(
        published.map(({ PublishedPort, TargetPort, URL }) => [PublishedPort, TargetPort, URL]),
        [[port, 3000, '127.0.0.1']],
      );
    } finally {
      await project.remove();
    }
  }
}

/** Runs a file of this folder in the container, where the service may be told to reach it. */
async function runInside(service, file) {
  const code = readFileSync(path.join(import.meta.dirname, file), 'utf8');
  await engine('exec', '--detach', service.name, 'node', '-e', code);
  await sleep(500);
}

/** The links, opened from outside, give the bytes of the samples that they were made of. */
async function expectPictures(links, sources) {
  assert.equal(links.length, sources.length);
  for (const [n, link] of links.entries()) {
    const answer = await fetch(link);
    const name = path.basename(new URL(sources[n]).pathname);
    const got = Buffer.from(await answer.arrayBuffer());
    assert(got.equals(readFileSync(path.join(SAMPLES, name))), `${link} is not ${name}`);
  }
}

function isComplete({ status }) {
  return status === 'complete';
}
