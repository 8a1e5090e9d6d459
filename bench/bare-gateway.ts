import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { holdAnyPort } from '../local/any-port';
import { cleanEnvironment } from '../test/support/clean-environment';
import { HttpClient } from './http-client';

const PROJECT = path.join(__dirname, '..');

export interface BareGateway {
  readonly client: HttpClient;
  stop(): Promise<void>;
}

const SERVERLESS_YML = `
service: bare
frameworkVersion: '4'
plugins: [serverless-offline]
provider: { name: aws, runtime: nodejs22.x, timeout: 29 }
custom:
  serverless-offline:
    host: 127.0.0.1
    lambdaPort: 0
    useInProcess: true
    noTimeout: true
    disableCookieValidation: true
    noSponsor: true
functions:
  now:
    handler: now.handler
    events: [{ httpApi: POST /v1/images/upload }]
`;
const HANDLER = `exports.handler = async () => ({
  statusCode: 202,
  headers: { 'content-type': 'application/json' },
  body: '{"jobId":"00000000-0000-0000-0000-000000000000"}',
});
`;

/** The same emulation with the same settings, before a function that returns at once. */
export async function startBareGateway(): Promise<BareGateway> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'image-relay-bench-'));
  await fs.writeFile(path.join(folder, 'serverless.yml'), SERVERLESS_YML);
  await fs.writeFile(path.join(folder, 'now.js'), HANDLER);
  await fs.symlink(path.join(PROJECT, 'node_modules'), path.join(folder, 'node_modules'));
  // What it says when it is ready is the port that it was given, so 0 would not do.
  const held = await holdAnyPort('127.0.0.1');
  if (!held) throw new Error('Expected a free port, found none');
  const { port } = held;
  await held.release();
  const serverless = path.join(folder, 'node_modules', 'serverless', 'bin', 'serverless.js');
  const child = spawn(
    process.execPath,
    [serverless, 'offline', 'start', '--httpPort', String(port)],
    {
      cwd: folder,
      env: { ...cleanEnvironment(), SLS_LOG_LEVEL: 'warning' },
      stdio: ['ignore', 'ignore', 'ignore'],
    },
  );
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const onExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onExit);
  const client = new HttpClient(`http://127.0.0.1:${port}`);
  const gateway: BareGateway = {
    client,
    async stop() {
      client.close();
      child.kill('SIGTERM');
      const deadline = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(deadline);
      process.off('exit', onExit);
      await fs.rm(folder, { recursive: true, force: true });
    },
  };
  for (let tries = 0; tries < 600; tries += 1) {
    await wait(50);
    const reply = await client.post('/v1/images/upload', '{}').catch(() => null);
    if (reply?.status === 202) return gateway;
  }
  await gateway.stop();
  throw new Error('Expected the bare gateway to answer within 30 s');
}
