import { addFacts, describeCause } from '../../lib/cause';
import { RelayError } from '../../lib/errors';

const refused = (address: string): Error =>
  Object.assign(new Error(`connect ECONNREFUSED ${address}:80`), {
    code: 'ECONNREFUSED',
    errno: -111,
    syscall: 'connect',
    address,
    port: 80,
  });

describe('the cause of a failure, as the log shows it', () => {
  it.each([[undefined], [null], ['a text'], [7], [{}], [{ authorization: 's3cret' }]])(
    'is none of %j',
    (cause) => expect(describeCause(cause)).toBeUndefined(),
  );

  it('is what the system says of one connection', () => {
    expect(describeCause(refused('192.0.2.1'))).toEqual({
      code: 'ECONNREFUSED',
      syscall: 'connect',
      message: 'connect ECONNREFUSED 192.0.2.1:80',
      address: '192.0.2.1',
      port: 80,
    });
  });

  it('is what it says of each of several addresses', () => {
    const cause = new AggregateError([refused('192.0.2.1'), refused('2001:db8::1')]);
    expect(describeCause(cause)?.errors).toMatchObject([
      { code: 'ECONNREFUSED', address: '192.0.2.1' },
      { code: 'ECONNREFUSED', address: '2001:db8::1' },
    ]);
  });

  it('holds facts together with the error behind them', () => {
    const error = new RelayError('tls_error', 'Not valid.', {
      cause: Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' }),
    });
    addFacts(error, { address: '192.0.2.1', port: 443 });
    addFacts(error, { redirectedTo: 'https://a.example/' });
    expect(describeCause(error.cause)).toEqual({
      code: 'CERT_HAS_EXPIRED',
      message: 'certificate has expired',
      address: '192.0.2.1',
      port: 443,
      redirectedTo: 'https://a.example/',
    });
  });

  it('tells of an error behind an error, and nothing of a failure of ours but its cause', () => {
    const cause = new Error('the request failed', { cause: refused('192.0.2.1') });
    expect(describeCause(cause)).toMatchObject({
      message: 'the request failed',
      cause: { code: 'ECONNREFUSED' },
    });
    expect(describeCause(new RelayError('imgur_timeout', 'Too slow.'))).toBeUndefined();
    expect(describeCause(new RelayError('imgur_timeout', 'Too slow.', { cause }))).toMatchObject({
      message: 'the request failed',
    });
  });

  it('shows no property that it does not know', () => {
    const error = Object.assign(refused('192.0.2.1'), {
      authorization: 's3cret-token',
      rawPacket: Buffer.from('s3cret-packet'),
      cert: { raw: 's3cret' },
      config: { headers: { authorization: 's3cret' } },
    });
    expect(JSON.stringify(describeCause(error))).not.toContain('s3cret');
  });

  it('is one line of bounded length and depth, whatever it is made of', () => {
    const endless: Record<string, unknown> = { message: `a\n<b>${'x'.repeat(10_000)}` };
    endless['cause'] = endless;
    endless['errors'] = Array<unknown>(100).fill(endless);
    endless['addresses'] = Array<unknown>(100).fill('192.0.2.1');
    const error = Object.assign(new Error('outer'), endless);
    const described = describeCause(error)!;
    expect(described.message).toMatch(/^a x{290,297}…$/);
    expect(described.errors).toHaveLength(16);
    expect(described.addresses).toHaveLength(16);
    let depth = 0;
    for (let at = described.cause; at; at = at.cause) depth += 1;
    expect(depth).toBeLessThanOrEqual(3);
  });
});
