import type { Image } from '../../../web/api';
import { jobState, type JobState } from '../../../web/job-state';
import { headline, retryLabel, timesLine } from '../../../web/job-words';

const image = (kind: string, at: number): Image =>
  ({
    url: `${at}`,
    status: kind === 'cancelled' ? 'failed' : kind,
    error: kind === 'cancelled' ? { code: 'cancelled', message: '', retryable: false } : null,
  }) as Image;
const job = (...kinds: string[]): JobState => {
  const status = kinds.includes('pending') ? 'in-progress' : 'complete';
  const about = { created: '2026-11-20T12:00:00Z', finished: null, status } as const;
  return jobState(null, about, kinds.map(image), 0);
};

describe('how it stands with a job', () => {
  it.each([
    [['pending', 'complete'], 'Uploading 2 images'],
    [['complete'], 'Image uploaded'],
    [['complete', 'complete'], 'All 2 images uploaded'],
    [['complete', 'failed'], '1 of 2 images uploaded'],
    [['failed', 'failed'], 'All 2 images failed'],
    // What somebody gave up did not fail.
    [['cancelled', 'cancelled'], 'Job cancelled'],
    [['cancelled', 'failed'], 'None of 2 images uploaded'],
    [['complete', 'cancelled'], '1 of 2 images uploaded'],
    [['complete', 'deleted'], '1 of 2 images uploaded, 1 deleted'],
    [['deleted', 'deleted'], 'All 2 images deleted'],
  ])('%j: %s', (kinds, words) => {
    expect(headline(job(...kinds))).toBe(words);
  });

  it('says what was done of a job that the service has forgotten', () => {
    expect(headline(job('pending', 'complete'), true)).toBe('1 of 2 images uploaded');
  });

  it('marks what may not be so any more with its time', () => {
    expect(timesLine(job('pending'), true)).toMatch(/, shown as it was at \d\d:\d\d/);
    expect(timesLine(job('pending'))).not.toContain('shown');
  });

  it.each([
    [['failed', 'complete'], 'Retry failed'],
    [['cancelled', 'cancelled'], 'Retry cancelled'],
    [['failed', 'cancelled'], 'Retry the others'],
  ])('offers for %j: %s', (kinds, words) => {
    expect(retryLabel(job(...kinds).counts)).toBe(words);
  });
});
