import { createContext } from 'preact';
import { useCallback, useContext, useMemo, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { api, isUnauthorized, isUnreachable, type Health, type JobListItem } from './api';
import { NO_THROUGHPUT, sampleThroughput, type Throughput } from './throughput';
import { usePolling } from './use-polling';

const BUSY_MS = 1000;
const IDLE_MS = 8000;
const LONGEST_AWAY_MS = 15_000;
export const JOBS_SHOWN = 50;

/** What the whole page knows of the service. */
export interface Service {
  readonly health: Health | null;
  /** The newest first; null until they are known. */
  readonly jobs: readonly JobListItem[] | null;
  readonly throughput: Throughput;
  readonly isReachable: boolean;
  /** Whether a key is wanted: none was given, or a wrong one. */
  readonly needsKey: boolean;
  /** How often something that somebody asked for was refused for want of a key. */
  readonly refusals: number;
  /** Changes whenever everything is to be asked again at once. */
  readonly round: number;
  /** Asks again at once: after a submission, with a new key, when somebody presses "Try now". */
  readonly refresh: () => void;
  /**
   * Tells what a call met; a 401 brings up the prompt for the key, even where it was put away if
   * somebody `asked` for the call.
   */
  readonly notice: (error: unknown, asked?: 'asked') => void;
}

const ServiceContext = createContext<Service | null>(null);

export function useService(): Service {
  const service = useContext(ServiceContext);
  if (!service) throw new Error('Expected a ServiceProvider around');
  return service;
}

export function ServiceProvider({ children }: { children: ComponentChildren }) {
  const [state, setState] = useState<Omit<Service, 'round' | 'refresh' | 'notice'>>({
    health: null,
    jobs: null,
    throughput: NO_THROUGHPUT,
    isReachable: true,
    needsKey: false,
    refusals: 0,
  });
  const [round, setRound] = useState(0);
  const failures = useRef(0);
  const refresh = useCallback(() => setRound((n) => n + 1), []);
  const notice = useCallback((error: unknown, asked?: 'asked') => {
    if (isUnauthorized(error)) {
      setState((old) => ({
        ...old,
        needsKey: true,
        refusals: old.refusals + (asked === undefined ? 0 : 1),
      }));
    }
    if (isUnreachable(error)) setState((old) => ({ ...old, isReachable: false }));
  }, []);

  usePolling(async (signal) => {
    try {
      const health = await api.health();
      if (signal.aborted) return null;
      failures.current = 0;
      setState((old) => ({ ...old, health, isReachable: true }));
      const jobs = await api.jobs(JOBS_SHOWN);
      setState((old) => ({
        ...old,
        jobs,
        needsKey: false,
        throughput: sampleThroughput(old.throughput, jobs.map(pointOf), Date.now()),
      }));
      return health.pending + health.inFlight > 0 ? BUSY_MS : IDLE_MS;
    } catch (error) {
      if (signal.aborted) return null;
      notice(error);
      if (!isUnreachable(error)) return IDLE_MS;
      failures.current += 1;
      return Math.min(BUSY_MS * 2 ** failures.current, LONGEST_AWAY_MS);
    }
  }, round);

  const service = useMemo(
    () => ({ ...state, round, refresh, notice }),
    [state, round, refresh, notice],
  );
  return <ServiceContext.Provider value={service}>{children}</ServiceContext.Provider>;
}

function pointOf({ id, created, finished, complete, failed }: JobListItem) {
  return {
    id,
    created: Date.parse(created),
    finished: finished === null ? null : Date.parse(finished),
    done: complete + failed,
  };
}
