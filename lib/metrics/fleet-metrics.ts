import { Gauge, type Registry } from 'prom-client';

/** One process of those that share a database. */
export interface WatchedProcess {
  readonly id: string;
  readonly role: string;
  readonly inFlight: number;
}

/**
 * What each process has under way, as the database knows it: any process tells of all, so that one
 * that is scraped is enough. The label is not called `instance`, which is Prometheus' own.
 *
 * @param read null or nothing where it is not known: then there are no series.
 */
export function createFleetMetrics(
  name: string,
  registry: Registry,
  read: () => Promise<readonly WatchedProcess[] | null> | undefined,
): void {
  new Gauge({
    name,
    help: 'Images under way at each process that shares the database.',
    labelNames: ['process', 'role'],
    registers: [registry],
    async collect() {
      const all = (await read()) ?? [];
      // Those that have ended are told of no more.
      this.reset();
      for (const { id, role, inFlight } of all) this.set({ process: id, role }, inFlight);
    },
  });
}
