import { onceFor } from '../../../lib/http/once-for';

describe('what is made once', () => {
  it('is made when it is asked for first, and apart for each key', () => {
    const made: object[] = [];
    const oneFor = onceFor((key: object) => ({ key, number: made.push(key) }));
    const [a, b] = [{}, {}];
    expect([oneFor(a).number, oneFor(b).number, oneFor(a).number]).toEqual([1, 2, 1]);
    expect(made).toEqual([a, b]);
  });
});
