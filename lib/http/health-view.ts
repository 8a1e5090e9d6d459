import type { App } from '../app';
import { isStoreUnavailable } from '../jobs/store-unavailable';
import { isoTime } from './job-view';
import type { HealthView } from './schemas';

type Known = Pick<HealthView, 'pending' | 'inFlight' | 'instances'>;

/** How the service is. A database that is away is no reason to start the process anew. */
export async function healthView(app: App): Promise<HealthView> {
  const known = await look(app);
  const isAway = known === null;
  return {
    status: app.draining ? 'draining' : isAway ? 'degraded' : 'ok',
    imgur: app.config.imgurApiUrl ?? 'embedded',
    ...(known ?? { pending: null, inFlight: null, ...(app.fleet ? { instances: null } : {}) }),
    pausedUntil: app.gate.pausedUntil(),
    store: app.fleet ? 'postgres' : 'memory',
    ...(app.embedded ? { samples: [...app.embedded.samples] } : {}),
  };
}

/** @returns null while the database is away. */
async function look({ store, fleet }: App): Promise<Known | null> {
  try {
    const [{ pending, inProgress: inFlight }, all] = await Promise.all([
      store.counts(),
      fleet?.instances(),
    ]);
    const instances = all?.map((each) => ({ ...each, seen: isoTime(each.seen) }));
    return { pending, inFlight, ...(instances ? { instances } : {}) };
  } catch (error) {
    if (!isStoreUnavailable(error)) throw error;
    return null;
  }
}
