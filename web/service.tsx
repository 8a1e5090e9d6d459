import { createContext } from 'preact';
import { useCallback, useContext, useMemo, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { HealthView, JobListItem } from '../lib/http/schemas';
import { api, ApiError } from './api';
import { NO_THROUGHPUT, sampleThroughput } from './throughput';
import { usePolling } from './use-polling';

const BUSY_MS = 1000;
const IDLE_MS = 8000;
const LONGEST_AWAY_MS = 15_000;
/** As many jobs as are listed. */
export const JOBS_SHOWN = 50;

const NOTHING_KNOWN = {
  health: null as HealthView | null,
  /** The newest first; null until they are known. */
  jobs: null as readonly JobListItem[] | null,
  throughput: NO_THROUGHPUT,
  /** Questions in a row that nobody answered. */
  failures: 0,
  /** Whether a key is wanted: none was given, or a wrong one. */
  needsKey: false,
  /** How often something that somebody asked for was refused for want of a key. */
  refusals: 0,
};

const ServiceContext = createContext<ReturnType<typeof useFollowed> | null>(null);

/** What the whole page knows of the service. */
export function useService(): ReturnType<typeof useFollowed> {
  const service = useContext(ServiceContext);
  if (!service) throw new Error('Expected a ServiceProvider around');
  return service;
}

export function ServiceProvider({ children }: { children: ComponentChildren }) {
  return <ServiceContext.Provider value={useFollowed()}>{children}</ServiceContext.Provider>;
}

function useFollowed() {
  const [known, setKnown] = useState(NOTHING_KNOWN);
  /** Changes whenever everything is to be asked again at once. */
  const [round, setRound] = useState(0);
  /** Asks again at once: after a submission, with a new key, when somebody presses "Try now". */
  const refresh = useCallback(() => setRound((n) => n + 1), []);
  /**
   * Takes note of what a call met; a 401 brings up the prompt for the key, even where it was put away
   * if somebody `asked` for the call.
   */
  const notice = useCallback((error: unknown, asked?: 'asked'): ApiError => {
    const failure = error instanceof ApiError ? error : new ApiError('refused', String(error));
    if (failure.kind === 'unauthorized') {
      setKnown((old) => ({ ...old, needsKey: true, refusals: old.refusals + (asked ? 1 : 0) }));
    } else if (failure.kind === 'unreachable') {
      setKnown((old) => ({ ...old, failures: Math.max(1, old.failures) }));
    }
    return failure;
  }, []);

  /** What somebody asked for and a key was wanted for: goes on once there is one. */
  const resume = useRef<(() => void) | null>(null);

  const { health, needsKey, failures } = known;
  const isBusy = health !== null && (health.pending ?? 0) + (health.inFlight ?? 0) > 0;
  const interval = isBusy && !needsKey ? BUSY_MS : IDLE_MS;
  const away = Math.min(BUSY_MS * 2 ** failures, LONGEST_AWAY_MS);
  usePolling({
    key: round,
    interval: failures > 0 ? away : interval,
    ask: async () => {
      const now = await api.health();
      setKnown((old) => ({ ...old, health: now, failures: 0 }));
      return api.jobs(JOBS_SHOWN);
    },
    use: (jobs) =>
      setKnown((old) => {
        const throughput = sampleThroughput(old.throughput, jobs, Date.now());
        return { ...old, jobs, needsKey: false, throughput };
      }),
    fail: (error) => {
      const { kind } = notice(error);
      // The first one is counted by then.
      if (kind !== 'unreachable' || failures === 0) return;
      setKnown((old) => ({ ...old, failures: failures + 1 }));
    },
  });

  return useMemo(
    () => ({ ...known, isReachable: known.failures === 0, round, refresh, notice, resume }),
    [known, round, refresh, notice],
  );
}
