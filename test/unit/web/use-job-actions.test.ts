import { useJobActions } from '../../../web/use-job-actions';
import { keptJobs } from '../../../web/kept-jobs';
import { useService } from '../../../web/service';
import { BarePage, JOB_ID, JOB_PATH } from './bare-page';

describe('what somebody does with a job', () => {
  let page: BarePage;
  beforeEach(() => (page = new BarePage()));
  afterEach(() => page.close());

  const use = () => page.use(() => ({ ...useJobActions(JOB_ID), service: useService() }));

  it('leads to the new job when the failed images are tried again', async () => {
    page.answers[`${JOB_PATH}/retry`] = [202, { jobId: 'next' }];
    const actions = await use();
    actions().retry();
    await page.wait(0);
    expect(location.hash).toBe('#/jobs/next');
    expect(actions()).toMatchObject({ isActing: false, refusal: null });
  });

  it('keeps the link of the album that it made', async () => {
    const link = 'https://imgur.com/a/3gfxo';
    page.answers[`${JOB_PATH}/album`] = [201, { link, deletehash: 'x' }];
    const actions = await use();
    actions().makeAlbum();
    await page.wait(0);
    expect(keptJobs.get(JOB_ID)?.album).toBe(link);
    await page.reload();
    expect(keptJobs.get(JOB_ID)?.album).toBe(link);
  });

  it('says why it was refused for as long as nothing else is tried', async () => {
    page.answers[`${JOB_PATH}/retry`] = [503, { detail: 'The queue is full.' }];
    const actions = await use();
    actions().retry();
    await page.wait(60_000);
    expect(actions().refusal).toBe('The queue is full.');

    page.answers[`${JOB_PATH}/retry`] = [202, { jobId: 'next' }];
    actions().retry();
    await page.wait(0);
    expect(actions().refusal).toBeNull();
  });

  it('brings up the prompt for want of a key, also where it was put away', async () => {
    page.answers[`${JOB_PATH}/retry`] = [401, { detail: 'A key is missing.' }];
    const actions = await use();
    actions().retry();
    await page.wait(0);
    expect(actions().refusal).toBeNull();
    expect(actions().service.refusals).toBe(1);
  });
});
