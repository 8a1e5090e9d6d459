import { describeCause } from '../../../lib/cause';
import { RelayError, type ReasonCode } from '../../../lib/errors';
import {
  ANSWER,
  BODY,
  bodyError,
  failureError,
  sourceError,
} from '../../../lib/images/source-errors';
import { NetError, type NetFacts, type NetProblem } from '../../../lib/net/net-error';

const systemError = (code: string, facts: object = {}) =>
  Object.assign(new Error(`connect ${code} 10.0.0.1:80`), { code, ...facts });
const PEER = { remoteAddress: '192.0.2.1', remotePort: 443 };

type Sentence = [kind: NetProblem, facts: NetFacts, code: ReasonCode, message: string];

/** By the letter: clients, the page and the documentation know them. */
const SENTENCES: Sentence[] = [
  [
    'not_public',
    { address: '10.0.0.1', port: 80, rule: '10.0.0.0/8' },
    'blocked_address',
    "The source's address is not a public one, so it is not fetched.",
  ],
  [
    'own_address',
    { address: '192.0.2.1', port: 80 },
    'blocked_address',
    'The source leads back to this service, so it is not fetched.',
  ],
  [
    'local_name',
    { host: 'a.lan' },
    'blocked_address',
    "The source's name is a local one, so it is not fetched.",
  ],
  [
    'closed_port',
    { address: '192.0.2.1', port: 22, allowedPorts: [80, 443] },
    'blocked_port',
    'Port 22 is not open for downloads; allowed are 80, 443.',
  ],
  ['no_address', { hostname: 'a.example' }, 'dns_failed', 'The name "a.example" has no address.'],
  ['no_address', { code: 'ENOTFOUND' }, 'dns_failed', "The source's name has no address."],
  [
    'dns_silent',
    { hostname: 'a.example' },
    'dns_failed',
    'The name servers gave no answer for "a.example".',
  ],
  [
    'connect_timeout',
    { timeoutMs: 1500, waitedFor: 'dns' },
    'download_timeout',
    'The source did not accept a connection within 1.5 s.',
  ],
  ['host_silent', { code: 'ETIMEDOUT' }, 'download_timeout', 'The source did not answer in time.'],
  ['refused', { code: 'ECONNREFUSED' }, 'connection_failed', 'The source refused the connection.'],
  [
    'unreachable',
    { code: 'ENETUNREACH' },
    'connection_failed',
    'The source cannot be reached from here.',
  ],
  ['broken', { code: 'EPIPE' }, 'connection_failed', 'The connection to the source broke (EPIPE).'],
  [
    'bad_certificate',
    { code: 'CERT_HAS_EXPIRED' },
    'tls_error',
    "The source's certificate is not valid (CERT_HAS_EXPIRED).",
  ],
  ['bad_tls', { code: 'EPROTO' }, 'tls_error', 'The source does not speak valid TLS (EPROTO).'],
  [
    'large_headers',
    { code: 'HPE_HEADER_OVERFLOW' },
    'bad_response',
    "The headers of the source's answer are too large.",
  ],
  [
    'bad_http',
    { code: 'HPE_INVALID_CONSTANT' },
    'bad_response',
    "The source's answer is not valid HTTP.",
  ],
  [
    'tiny_chunks',
    {},
    'bad_response',
    'The source answers in chunks of a few bytes each, of which too many would have to be read.',
  ],
  [
    'own_fault',
    { code: 'EMFILE' },
    'internal',
    'Something went wrong here, not at the source (EMFILE).',
  ],
  ['defect', {}, 'internal', 'Something unexpected went wrong here.'],
];
const RETRIED = new Set<ReasonCode>(['dns_failed', 'connection_failed', 'download_timeout']);

describe('what a problem on the way to a source means', () => {
  it.each(SENTENCES)('%s %j is %s: %s', (kind, facts, code, message) => {
    const maxAttempts = code === 'dns_failed' ? 2 : null;
    const retryable = RETRIED.has(code);
    const said = { code, message, retryable, maxAttempts };
    const found = failureError({ kind, facts });
    expect(found).toMatchObject({ name: 'RelayError', ...said });
    expect(sourceError(new NetError(kind, facts))).toMatchObject(said);
    // What goes to the log must not go to the client, but for what the sentence is about.
    expect(found.message).not.toMatch(/192\.|10\.0|RFC|a\.lan/);
    // The same, where Node or the system found it.
    if (facts.code === undefined) return;
    const cause = systemError(facts.code);
    expect(sourceError(cause)).toMatchObject({ ...said, cause });
  });

  it('of several addresses has them all as its cause', () => {
    const cause = new AggregateError(['ETIMEDOUT', 'EPIPE'].map((code) => systemError(code)));
    const message = 'The connection to the source broke (EPIPE).';
    expect(sourceError(cause)).toMatchObject({ code: 'connection_failed', message, cause });
  });

  it('that is told already stays as it is, and nothing is added to it', () => {
    const told = new RelayError('cancelled', 'Cancelled.');
    expect(sourceError(told, PEER)).toBe(told);
    expect(told.cause).toBeUndefined();
  });
});

describe('the log is told', () => {
  it('what the network found, with what lies behind', () => {
    const behind = systemError('ESERVFAIL', { hostname: 'a.example', syscall: 'queryA' });
    const error = sourceError(new NetError('dns_silent', { hostname: 'a.example' }, behind), PEER);
    expect(describeCause(error.cause)).toEqual({
      code: 'ESERVFAIL',
      hostname: 'a.example',
      message: behind.message,
      syscall: 'queryA',
    });
  });

  it('which rule refused which address', () => {
    const facts = { address: '192.0.2.1', port: 22, rule: 'only 80', allowedPorts: [80] };
    const { cause } = sourceError(new NetError('closed_port', facts), PEER);
    expect(describeCause(cause)).toEqual({ address: '192.0.2.1', port: 22, rule: 'only 80' });
  });

  it('the other end of a connection that failed, where there was one', () => {
    const behind = systemError('CERT_HAS_EXPIRED');
    expect(describeCause(sourceError(behind, PEER).cause)).toMatchObject({
      code: 'CERT_HAS_EXPIRED',
      address: '192.0.2.1',
      port: 443,
    });
    expect(sourceError(behind, null).cause).toBe(behind);
  });
});

describe('an error in mid-body', () => {
  it('is a picture that is not whole where the connection broke', () => {
    const cause = systemError('ECONNRESET');
    const message = 'The source broke off in the middle of the picture.';
    expect(bodyError(cause)).toMatchObject({ code: 'truncated', message, retryable: true, cause });
  });

  it('is what it is otherwise', () => {
    expect(bodyError(systemError('HPE_INVALID_CHUNK_SIZE')).code).toBe('bad_response');
    expect(bodyError(new NetError('tiny_chunks')).code).toBe('bad_response');
  });
});

describe('what a source sends', () => {
  it.each<[RelayError, ReasonCode, string]>([
    [
      ANSWER.notForAFile(),
      'bad_response',
      "The source's answer is not one to a request for a file.",
    ],
    [
      ANSWER.onlyInformational(5),
      'bad_response',
      'The source sent more than 5 informational answers, and none other.',
    ],
    [ANSWER.status(404, {}), 'source_status', 'The source answered with status 404.'],
    [
      ANSWER.statusWithoutPicture(204),
      'source_status',
      'The source answered with status 204, which brings no picture.',
    ],
    [
      ANSWER.statusToWait(429, 86_399_001),
      'source_status',
      'The source answered with status 429 and asks to wait 86400 s, which is too long.',
    ],
    [ANSWER.removed(), 'source_status', 'The picture was removed from Imgur.'],
    [ANSWER.part(), 'truncated', 'The source sent only a part of the picture (status 206).'],
    [
      ANSWER.encoded('gzip'),
      'bad_encoding',
      'The source sent the picture with an encoding "gzip" that was not asked for.',
    ],
    [
      ANSWER.encoded(null),
      'bad_encoding',
      'The source sent the picture with an encoding that was not asked for.',
    ],
    [ANSWER.tooManyRedirects(5), 'too_many_redirects', 'The source redirects more than 5 times.'],
    [ANSWER.redirectsNowhere(), 'bad_redirect', 'The source redirects without saying where to.'],
    [
      ANSWER.redirectsElsewhere(),
      'bad_redirect',
      'The source redirects to something that is not an http or https URL without credentials.',
    ],
    [
      ANSWER.announcesTooMuch(12, 10),
      'too_large',
      'The source announces 12 bytes; at most 10 are allowed.',
    ],
    [
      BODY.tooMuch(10),
      'too_large',
      'The source sends more bytes than it may; at most 10 are allowed.',
    ],
    [BODY.empty(), 'empty', 'The source sent no bytes.'],
    [BODY.short(5, 10), 'truncated', 'The source sent 5 of the 10 bytes that it announced.'],
    [BODY.cut(), 'truncated', 'The picture breaks off before its end.'],
    [BODY.stalled(1500), 'download_timeout', 'The source sent nothing for 1.5 s.'],
    [BODY.slow(30_000), 'download_timeout', 'The source took more than 30 s.'],
    [
      BODY.inTheWay(),
      'download_timeout',
      'The source sent next to nothing while other pictures waited for the memory of this one.',
    ],
  ])('%s', (error, code, message) => {
    expect(error).toMatchObject({ code, message });
  });
});
