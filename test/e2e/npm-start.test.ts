import net from 'node:net';
import { readyLine, spawnService, type ServiceProcess } from '../support/service';

jest.setTimeout(120_000);

describe('npm start', () => {
  let started: ServiceProcess;

  beforeEach(() => {
    started = spawnService({}, { npm: true });
  });
  afterEach(() => {
    try {
      process.kill(-pidOfNpm(), 'SIGKILL');
    } catch (error) {
      // As it should be: nobody is left.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  });

  /** Which is the process group's, too. */
  function pidOfNpm(): number {
    if (started.child.pid === undefined) throw new Error('Expected npm to run');
    return started.child.pid;
  }

  // As soon as it says that it is ready.
  it.each([
    { signal: 'SIGTERM', to: 'npm alone, as a supervisor does' },
    { signal: 'SIGINT', to: 'all of its group, as a terminal does' },
  ] as const)('ends well, and the service first, by $signal to $to', async ({ signal }) => {
    const endOfNpm = new Promise((resolve) => {
      started.child.on('exit', (code, by) => resolve(by ?? code));
    });
    let isSent = false;
    started.child.stdout?.on('data', () => {
      if (isSent || !started.output.stdout.includes('is ready at')) return;
      isSent = true;
      process.kill(signal === 'SIGTERM' ? pidOfNpm() : -pidOfNpm(), signal);
    });
    const { port } = await readyLine(started);
    expect(await endOfNpm).toBe(0);
    await expect(listenOn(port)).resolves.toBeUndefined();
    await started.exited;
    const last = started.output.stdout.trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ level: 'info', message: 'stopped' });
  });
});

/** Resolves if nobody else listens there. */
function listenOn(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}
