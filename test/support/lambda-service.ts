import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { builtService } from './built-service';
import { startService, type Service } from './service';

/** The service as on Lambda: each function in threads of its own, invoked through Lambda's API. */
export interface LambdaService extends Service {
  /** Lambda's API, which any function can be invoked by. */
  readonly endpoint: string;
  /** Invokes `process-upload` as the schedule does, and waits for its end. */
  runOnce(): Promise<void>;
}

export interface LambdaServiceOptions {
  /** The time of a run of `process-upload`, in seconds. */
  readonly timeout?: number;
  /** Whether the schedule of each minute runs. */
  readonly schedule?: boolean;
}

const PROCESS_UPLOAD = 'image-relay-local-process-upload';

/** The parts of a built serverless.json that are changed here. */
interface ServerlessJson {
  custom: { 'serverless-offline': object };
  functions: { 'process-upload': object };
}

export async function startLambdaService(
  settings: Record<string, string>,
  { timeout = 900, schedule = false }: LambdaServiceOptions = {},
): Promise<LambdaService> {
  const lambdaPort = await freePort();
  const endpoint = `http://127.0.0.1:${lambdaPort}`;
  const project = await emulation((json) => {
    const offline = { useInProcess: false, localEnvironment: true, noTimeout: false, lambdaPort };
    Object.assign(json.custom['serverless-offline'], offline);
    const events = schedule ? [{ schedule: 'rate(1 minute)' }] : [];
    Object.assign(json.functions['process-upload'], { timeout, events });
  });
  const service = await startService(
    { INVOKER: 'lambda', LAMBDA_ENDPOINT: endpoint, ...settings },
    { project },
  );
  return Object.assign(service, {
    endpoint,
    async runOnce() {
      const url = `${endpoint}/2015-03-31/functions/${PROCESS_UPLOAD}/invocations`;
      const answer = await fetch(url, { method: 'POST', body: '{"source":"aws.events"}' });
      const text = await answer.text();
      if (!answer.ok || text.includes('errorMessage')) throw new Error(`A run failed: ${text}`);
    },
  });
}

/** A folder like that of the container, whose configuration is another one. */
async function emulation(change: (json: ServerlessJson) => void): Promise<string> {
  const built = await builtService();
  const folder = fs.mkdtempSync(
    path.join(process.env['TEST_RUN_FOLDER'] ?? os.tmpdir(), 'lambda-'),
  );
  for (const each of fs.readdirSync(built)) {
    // A program is where it really lies.
    if (each === 'local')
      fs.cpSync(path.join(built, each), path.join(folder, each), { recursive: true });
    else if (each !== 'serverless.json') {
      fs.symlinkSync(path.join(built, each), path.join(folder, each));
    }
  }
  const json = JSON.parse(
    fs.readFileSync(path.join(built, 'serverless.json'), 'utf8'),
  ) as ServerlessJson;
  change(json);
  fs.writeFileSync(path.join(folder, 'serverless.json'), JSON.stringify(json));
  return folder;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
