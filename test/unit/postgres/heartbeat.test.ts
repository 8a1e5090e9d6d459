import { StoreUnavailable } from '../../../lib/jobs/store-unavailable';
import type { Database } from '../../../lib/postgres/database';
import { Heartbeat } from '../../../lib/postgres/heartbeat';
import { LEASE_MS } from '../../../lib/postgres/take-over';
import { logLines } from '../../support/log-lines';

describe('the heartbeat', () => {
  function setUp() {
    const state = { now: 1000, isAway: false, takeovers: 0, ended: [] as string[] };
    const query = ((sql: string) => {
      if (state.isAway) return Promise.reject(new StoreUnavailable());
      if (sql.includes('UPDATE queue')) state.takeovers += 1;
      return Promise.resolve(sql.startsWith('SELECT id FROM jobs') ? [{ id: 'over' }] : []);
    }) as Database['query'];
    const { log, lines } = logLines();
    const heartbeat = new Heartbeat({
      database: { query } as Database,
      ...{ worker: 'me', role: 'all', log },
      fence: () => 0,
      jobIds: () => ['over', 'not'],
      onEnded: (jobId) => state.ended.push(jobId),
      onTakenOver: () => undefined,
      onGivenUp: () => undefined,
      onBeat: () => Promise.resolve(),
      now: () => state.now,
    });
    const beatFor = async (ms: number): Promise<void> => {
      for (const until = state.now + ms; state.now < until; state.now += 1000) {
        await heartbeat.beat();
      }
    };
    return { state, lines, heartbeat, beatFor };
  }

  it('takes over nothing before it was heard for a whole lease', async () => {
    const { state, beatFor } = setUp();
    await beatFor(LEASE_MS);
    expect(state.takeovers).toBe(0);
    await beatFor(1000);
    expect(state.takeovers).toBe(1);
  });

  it('begins anew after an outage, in which all were as silent', async () => {
    const { state, heartbeat, lines, beatFor } = setUp();
    await beatFor(2 * LEASE_MS);
    const before = state.takeovers;
    state.isAway = true;
    await beatFor(3000);
    expect(heartbeat.isAlive).toBe(false);
    state.isAway = false;
    await beatFor(LEASE_MS);
    expect([state.takeovers, heartbeat.isAlive]).toEqual([before, true]);
    await beatFor(1000);
    expect(state.takeovers).toBe(before + 1);
    const told = lines.map(({ message }) => message);
    expect(told).toEqual(['the database is away', 'the database is back']);
  });

  it('begins anew after this process stood still', async () => {
    const { state, beatFor } = setUp();
    await beatFor(2 * LEASE_MS);
    const before = state.takeovers;
    state.now += 60_000;
    await beatFor(LEASE_MS);
    expect(state.takeovers).toBe(before);
  });

  it('tells of jobs that are over elsewhere', async () => {
    const { state, heartbeat } = setUp();
    await heartbeat.beat();
    expect(state.ended).toEqual(['over']);
  });
});
