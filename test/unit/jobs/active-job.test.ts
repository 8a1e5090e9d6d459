import { Cancellation } from '../../../lib/cancellation';
import { addUnderWay, createActiveJob, removeUnderWay } from '../../../lib/jobs/active-job';
import { MemoryJobStore } from '../../../lib/jobs/memory-job-store';

const BOUNDS = { maxQueuedImages: 10, maxFinishedImages: 10, maxLinks: 10 };

describe('what is under way in a job', () => {
  it.each([0, 1, 2])('is without number %i once that has ended, and with all others', async (n) => {
    const store = new MemoryJobStore(BOUNDS);
    const { id } = await store.create({ urls: ['http://a.example/1'], clientId: null });
    const job = createActiveJob((await store.get(id))!, 'default');
    const begun = [new Cancellation(), new Cancellation(), new Cancellation()];
    for (const each of begun) addUnderWay(job, each);

    removeUnderWay(job, begun[n]!);
    const others = begun.filter((each) => each !== begun[n]);
    expect(new Set(job.underWay)).toEqual(new Set(others));
    expect(job.underWay).toHaveLength(2);

    removeUnderWay(job, begun[n]!);
    expect(job.underWay).toHaveLength(2);
  });
});
