import type { JobAnswer } from '../../../web/use-job';
import { useJob } from '../../../web/use-job';
import { useService } from '../../../web/service';
import { BarePage, JOB_ID, JOB_PATH } from './bare-page';

const IMAGES = `${JOB_PATH}/images`;
const image = (status: string) => ({ url: 'http://a.example/1.png', status, attempts: 1 });

describe('a job that is looked at', () => {
  let page: BarePage;
  beforeEach(() => (page = new BarePage()));
  afterEach(() => page.close());

  const look = async (): Promise<() => JobAnswer> => page.use(() => useJob(JOB_ID));
  const isAsked = (): boolean => page.asked.splice(0).includes(IMAGES);
  const underWay = (): void => {
    page.answers[JOB_PATH] = [200, { created: '', finished: null, status: 'in-progress' }];
    page.answers[IMAGES] = [200, { images: [image('in-progress')] }];
  };
  const complete = (): void => {
    page.answers[JOB_PATH] = [200, { created: '', finished: '', status: 'complete' }];
    page.answers[IMAGES] = [200, { images: [image('complete')] }];
  };

  it('is loading, then live each second, and at rest when it is complete', async () => {
    underWay();
    const states: string[] = [];
    const job = await page.use(() => {
      const answer = useJob(JOB_ID);
      states.push(answer.state);
      return answer;
    });
    expect(states[0]).toBe('loading');
    expect(job()).toMatchObject({ state: 'live', job: { counts: { inProgress: 1 } } });
    expect(page.asked.splice(0)).toContain(JOB_PATH);

    await page.wait(1000);
    // What does not change before the end is not asked for again.
    expect(page.asked.splice(0)).toEqual([IMAGES]);

    complete();
    await page.wait(1000);
    expect(job()).toMatchObject({
      state: 'live',
      job: { about: { status: 'complete' }, counts: { complete: 1, inProgress: 0 } },
    });
    page.asked.splice(0);
    await page.wait(60_000);
    expect(isAsked()).toBe(false);
  });

  it('is lost while nobody answers: keeps what was known, asks less often, comes back', async () => {
    underWay();
    const job = await look();
    page.answers[IMAGES] = null;
    await page.wait(1000);
    const problem = 'The service can’t be reached.';
    expect(job()).toMatchObject({ state: 'lost', problem, job: { counts: { inProgress: 1 } } });

    page.asked.splice(0);
    await page.wait(3000);
    expect(isAsked()).toBe(false);
    underWay();
    await page.wait(1000);
    expect(job().state).toBe('live');
  });

  it('is lost from the start when the service is away', async () => {
    const job = await look();
    expect(job()).toMatchObject({ state: 'lost', job: null });
  });

  it('is lost without a word of its own for want of a key, which the prompt asks for', async () => {
    page.answers[IMAGES] = [401, { detail: 'A key is missing.' }];
    page.answers['/v1/images/upload?limit=50'] = [401, {}];
    const both = await page.use(() => ({ job: useJob(JOB_ID), service: useService() }));
    expect(both().job).toEqual({ state: 'lost', job: null, problem: null });
    expect(both().service.needsKey).toBe(true);
  });

  it('is what this browser kept of it, where the service has forgotten it', async () => {
    complete();
    await look();
    await page.reload();
    page.answers[IMAGES] = [404, { detail: 'There is no such job.' }];
    const states: JobAnswer[] = [];
    await page.use(() => states[states.push(useJob(JOB_ID)) - 1]);
    const job = { about: { status: 'complete' }, images: [image('complete')] };
    expect(states[0]).toMatchObject({ state: 'loading', job });
    expect(states.at(-1)).toMatchObject({ state: 'missing', job });
  });

  it('is kept while it is under way, and hidden from whoever has no key', async () => {
    underWay();
    await look();
    await page.reload();
    page.answers[IMAGES] = [401, { detail: 'A key is missing.' }];
    const job = await look();
    expect(job()).toEqual({ state: 'lost', job: null, problem: null });
  });

  it('is missing once the service does not know it, and is asked for again when all is', async () => {
    complete();
    const both = await page.use(() => ({ job: useJob(JOB_ID), service: useService() }));
    expect(both().job.state).toBe('live');

    page.answers[IMAGES] = [404, { detail: 'There is no such job.' }];
    both().service.refresh();
    await page.wait(50);
    // What was known stays.
    expect(both().job).toMatchObject({ state: 'missing', job: { counts: { complete: 1 } } });
    page.asked.splice(0);
    await page.wait(60_000);
    expect(isAsked()).toBe(false);
  });
});
