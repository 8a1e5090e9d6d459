import { corsHeaders } from '../../../lib/http/cors';

describe('corsHeaders', () => {
  const HERE = 'https://app.example';

  it.each([
    ['a named origin', HERE, [HERE]],
    ['any origin, where all are', HERE, ['*']],
  ])('opens an answer to %s, and says that it depends on it', (_what, origin, allowed) => {
    expect(corsHeaders(origin, allowed)).toMatchObject({
      'access-control-allow-origin': HERE,
      vary: 'origin',
    });
  });

  it.each([
    ['another origin', 'https://evil.example', [HERE]],
    ['who is no page', undefined, [HERE]],
    ['who is no page, where all are open', undefined, ['*']],
  ])('says no more than that to %s', (_what, origin, allowed) => {
    expect(corsHeaders(origin, allowed)).toEqual({ vary: 'origin' });
  });

  it('has nothing to say where no origin is named', () => {
    expect(corsHeaders(HERE, [])).toEqual({});
  });
});
