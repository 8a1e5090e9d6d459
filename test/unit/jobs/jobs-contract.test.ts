import { MemoryJobs } from '../../../lib/jobs/memory-jobs';
import { BOUNDS, itKeepsTheContract } from '../../support/jobs-contract';

describe('jobs in memory', () => {
  itKeepsTheContract((bounds = {}) => {
    const jobs = new MemoryJobs({
      ...BOUNDS,
      ...bounds,
      credentialOf: (clientId) => clientId ?? 'default',
    });
    return Promise.resolve({ store: jobs, queue: jobs });
  });
});
