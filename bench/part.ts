import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';

interface Question {
  readonly id: number;
  readonly ask: unknown;
}
interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** Asks a process that this one has started, over the channel between the two. */
export class Channel {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (answer: unknown) => void; reject: Reject }>();
  #id = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ id, answer, error }: Reply) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(answer);
      else waiting?.reject(new Error(error));
    });
    child.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`The process ended with ${code ?? 'a signal'} before it answered`));
      }
    });
  }

  ask<Answer>(ask: unknown): Promise<Answer> {
    this.#id += 1;
    const question: Question = { id: this.#id, ask };
    return new Promise((resolve, reject) => {
      this.#waiting.set(question.id, { resolve: resolve as (answer: unknown) => void, reject });
      this.#child.send(question);
    });
  }
}
type Reject = (error: Error) => void;

/** A program of this folder that runs in a process of its own, so that it costs the service nothing. */
export interface Part {
  /** Base URL of the server that it runs, if it runs one. */
  readonly url: string;
  readonly channel: Channel;
  /** What the process has used of the processor so far, in milliseconds. */
  cpuMs(): Promise<number>;
  stop(): void;
}

/** Starts `bench/<name>.ts` and resolves when it is ready. */
export async function startPart(name: string): Promise<Part> {
  const child = spawn(process.execPath, [path.join(__dirname, 'run.mjs'), name], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const channel = new Channel(child);
  const port = await channel.ask<number>(null);
  return {
    url: `http://127.0.0.1:${port}`,
    channel,
    cpuMs: () => channel.ask<number>(CPU),
    stop: () => {
      child.removeAllListeners('exit');
      child.kill();
    },
  };
}

type Answering<Ask> = (ask: Ask) => unknown;
const CPU = 'cpu';

/**
 * The other end of `startPart`: answers its questions; the first one is for the port, and what the
 * process has used of the processor is answered for all.
 *
 * @param port of the server that this process runs; 0 for none.
 */
export function servePart<Ask>(port: number, answer: Answering<Ask>): void {
  const send = (reply: Reply): void => void process.send?.(reply);
  process.on('message', ({ id, ask }: Question) => {
    void (async () => {
      try {
        if (ask === null) send({ id, answer: port });
        else if (ask === CPU) send({ id, answer: ownCpuMs() });
        else send({ id, answer: await answer(ask as Ask) });
      } catch (error) {
        send({
          id,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      }
    })();
  });
  process.on('disconnect', () => process.exit());
}

/** Of all its threads, in user and in system mode. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
