import { problemAnswer } from '../../../lib/http/problem';
import type { Problem } from '../../../lib/http/schemas';

const bad = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ pointer: `/urls/${n}`, detail: 'Expected a URL' }));
const listed = (count: number) =>
  (JSON.parse(problemAnswer(400, 'Bad.', { errors: bad(count) }).body) as Problem).errors;

describe('a problem document', () => {
  it.each([1, 99, 100])('names all of %i bad items', (count) => {
    expect(listed(count)).toEqual(bad(count));
  });

  it('names the first hundred of more', () => {
    expect(listed(1000)).toEqual(bad(100));
  });
});
