import { api } from '../../../web/api';
import { BarePage, JOB_ID, JOB_PATH, type Answers } from './bare-page';

const TOO_MUCH = 'That is more than the service takes at once: upload fewer links.';

describe('a call of the API', () => {
  let page: BarePage;
  beforeEach(() => (page = new BarePage()));
  afterEach(() => page.close());

  it.each<[string, Answers[string], string, string]>([
    ['no answer', null, 'unreachable', 'The service can’t be reached.'],
    ['a proxy before it', [502, '', 'text/html'], 'unreachable', 'The service can’t be reached.'],
    ['a wanted key', [401, { detail: 'No key.' }], 'unauthorized', 'No key.'],
    ['an unknown job', [404, { detail: 'No job.' }], 'missing', 'No job.'],
    ['a full queue', [503, { detail: 'Full.' }], 'refused', 'Full.'],
    ['a title alone', [500, { title: 'Oh.' }], 'refused', 'Oh.'],
    ['no JSON', [200, '', 'text/html'], 'refused', 'The service could not do this (status 200).'],
    ['a large number', [503, { detail: '100000 wait.' }], 'refused', '100,000 wait.'],
    ['a sentence for programs', [413, { detail: 'Expected less.' }], 'refused', TOO_MUCH],
  ])('that meets %s says what kind of failure it is', async (_case, answer, kind, message) => {
    page.answers[JOB_PATH] = answer;
    await expect(api.job(JOB_ID)).rejects.toMatchObject({ kind, message });
  });

  it('names every bad item that the service named', async () => {
    const errors = [{ pointer: '/urls/0', detail: 'Expected a URL.' }];
    page.answers['/v1/images/upload'] = [400, { detail: 'Not as expected.', errors }];
    await expect(api.submit('{}', 'key')).rejects.toMatchObject({ kind: 'refused', errors });
  });

  it('takes an answer without a body for one', async () => {
    page.answers['/v1/images/aB3dE5g'] = [204, null];
    await expect(api.remove('aB3dE5g')).resolves.toBeNull();
  });

  it('takes the health of a service that stops for an answer', async () => {
    page.answers['/health'] = [503, { status: 'draining' }];
    await expect(api.health()).resolves.toEqual({ status: 'draining' });
  });
});
