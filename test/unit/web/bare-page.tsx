import { render } from 'preact';
import { keptJobs } from '../../../web/kept-jobs';
import { ServiceProvider } from '../../../web/service';

type Answer = readonly [status: number, body: unknown, contentType?: string];

/** What the service answers to a path; null: it can't be reached. */
export type Answers = Record<string, Answer | null>;

export const JOB_ID = '55355b7c-0000-4000-8000-000000000000';
export const JOB_PATH = `/v1/images/upload/${JOB_ID}`;

const IDLE: Answers = {
  '/health': [200, { status: 'ok', imgur: 'embedded', pending: 0, inFlight: 0, pausedUntil: null }],
  '/v1/images/upload?limit=50': [200, { jobs: [] }],
};

/** As much of a browser's storage as the page uses. */
function memoryStorage() {
  const items = new Map<string, string>();
  return {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
  };
}

/** An element that nothing is put into: hooks need no other, and so no DOM. */
const ROOT = { nodeType: 1, childNodes: [] } as unknown as Element;

/**
 * The page's hooks run as they are, below the page's own provider, against a service that answers by
 * a table. Time stands still but for {@link BarePage.wait}.
 */
export class BarePage {
  readonly answers: Answers = { ...IDLE };
  readonly asked: string[] = [];
  readonly #restore: () => void;

  constructor() {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    const globals = {
      window: globalThis,
      document: Object.assign(new EventTarget(), { hidden: false, querySelector: () => null }),
      sessionStorage: { getItem: () => null },
      localStorage: memoryStorage(),
      location: { hash: '', origin: '', pathname: '/' },
      fetch: this.#fetch,
    };
    const before = Object.getOwnPropertyDescriptors(globalThis);
    Object.assign(globalThis, globals);
    keptJobs.reload();
    this.#restore = () => {
      for (const name of Object.keys(globals) as (keyof typeof globals)[]) {
        if (name in before) Object.defineProperty(globalThis, name, before[name]);
        else Reflect.deleteProperty(globalThis, name);
      }
    };
  }

  /** Draws a hook, and tells what it gave back when it was last drawn. */
  async use<T>(hook: () => T): Promise<() => T> {
    const drawn: T[] = [];
    function Probe() {
      drawn.push(hook());
      return null;
    }
    render(
      <ServiceProvider>
        <Probe />
      </ServiceProvider>,
      ROOT,
    );
    await this.wait(0);
    return () => drawn.at(-1) as T;
  }

  /** Lets milliseconds pass, and what was begun come to its end. */
  async wait(ms: number): Promise<void> {
    // An effect runs within 35 ms of its drawing.
    await jest.advanceTimersByTimeAsync(ms + 50);
  }

  /** As when the browser opens the page anew: what is drawn goes, what is stored stays. */
  async reload(): Promise<void> {
    render(null, ROOT);
    await this.wait(0);
    keptJobs.reload();
  }

  async close(): Promise<void> {
    render(null, ROOT);
    // Preact's list of effects outlives a test, and so would one that waits for these timers.
    await this.wait(0);
    this.#restore();
    jest.useRealTimers();
  }

  readonly #fetch = (path: string): Promise<Response> => {
    this.asked.push(path);
    const answer = this.answers[path];
    if (!answer) return Promise.reject(new TypeError('fetch failed'));
    const [status, body, contentType = 'application/json'] = answer;
    const headers = { 'content-type': contentType };
    const text = status === 204 ? null : JSON.stringify(body);
    return Promise.resolve(new Response(text, { status, headers }));
  };
}
