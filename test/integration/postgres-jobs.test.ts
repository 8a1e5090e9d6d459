import { openPgJobs, type PgJobs, type PgJobsParts } from '../../lib/postgres/pg-jobs';
import { BOUNDS, itKeepsTheContract, type JobsBounds } from '../support/jobs-contract';
import { logLines } from '../support/log-lines';
import { itDoesThingsOnce } from '../support/once-contract';
import { describeWithPostgres, startCluster, type Cluster } from '../support/postgres';

let cluster: Cluster;
const opened: PgJobs[] = [];

/** Takes part in a fleet. */
async function join(url: string, parts: Partial<PgJobsParts> = {}): Promise<PgJobs> {
  const jobs = await openPgJobs({
    ...BOUNDS,
    role: 'all',
    credentialOf: (clientId) => clientId ?? 'default',
    log: logLines().log,
    onGivenUp: () => undefined,
    url,
    ...parts,
  });
  opened.push(jobs);
  return jobs;
}

describeWithPostgres('jobs in PostgreSQL', () => {
  beforeAll(async () => void (cluster = await startCluster()), 60_000);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((jobs) => jobs.close()));
  });
  afterAll(() => cluster.close());

  itKeepsTheContract(async (bounds: Partial<JobsBounds> = {}) =>
    join(await cluster.newDatabase(), bounds),
  );

  itDoesThingsOnce(async () => {
    const url = await cluster.newDatabase();
    const [one, two] = [await join(url), await join(url)];
    return [one.once, two.once];
  });
});
