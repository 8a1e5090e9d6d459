import { RelayError } from '../../../lib/errors';
import { connectionError } from '../../../lib/net/connection-error';

const systemError = (code: string) =>
  Object.assign(new Error(`connect ${code} 10.0.0.1:80`), { code, address: '10.0.0.1' });

describe('what a failed connection means', () => {
  it.each([
    ['ECONNREFUSED', 'connection_failed', 'The source refused the connection.'],
    ['ECONNRESET', 'connection_failed', 'The connection to the source broke (ECONNRESET).'],
    ['EPIPE', 'connection_failed', 'The connection to the source broke (EPIPE).'],
    ['EHOSTUNREACH', 'connection_failed', 'The source cannot be reached from here.'],
    ['ENETUNREACH', 'connection_failed', 'The source cannot be reached from here.'],
    ['EADDRNOTAVAIL', 'connection_failed', 'The source cannot be reached from here.'],
    ['ETIMEDOUT', 'download_timeout', 'The source did not answer in time.'],
    ['ERR_SOCKET_CONNECTION_TIMEOUT', 'download_timeout', 'The source did not answer in time.'],
    ['HPE_HEADER_OVERFLOW', 'bad_response', "The headers of the source's answer are too large."],
    ['HPE_INVALID_CONSTANT', 'bad_response', "The source's answer is not valid HTTP."],
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'tls_error',
      "The source's certificate is not valid (DEPTH_ZERO_SELF_SIGNED_CERT).",
    ],
    ['CERT_HAS_EXPIRED', 'tls_error', "The source's certificate is not valid (CERT_HAS_EXPIRED)."],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'tls_error',
      "The source's certificate is not valid (ERR_TLS_CERT_ALTNAME_INVALID).",
    ],
    ['EPROTO', 'tls_error', 'The source does not speak valid TLS (EPROTO).'],
    [
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'tls_error',
      'The source does not speak valid TLS (ERR_SSL_WRONG_VERSION_NUMBER).',
    ],
    ['ENOTFOUND', 'dns_failed', "The source's name has no address."],
    ['EAI_AGAIN', 'dns_failed', "The source's name has no address."],
    ['ENEW', 'connection_failed', 'The connection to the source broke (ENEW).'],
  ])('%s is a %s', (code, reason, message) => {
    const cause = systemError(code);
    expect(connectionError(cause)).toMatchObject({ code: reason, message, cause });
  });

  it.each([
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'CERT_NOT_YET_VALID',
    'CERT_REVOKED',
    'CERT_UNTRUSTED',
    'CRL_HAS_EXPIRED',
    'ERROR_IN_CERT_NOT_AFTER_FIELD',
    'INVALID_CA',
    'INVALID_PURPOSE',
    'PATH_LENGTH_EXCEEDED',
    'HOSTNAME_MISMATCH',
    'CA_MD_TOO_WEAK',
    'EE_KEY_TOO_SMALL',
  ])('%s is a fault of the certificate, and final', (code) => {
    const error = connectionError(systemError(code));
    expect(error).toMatchObject({ code: 'tls_error', retryable: false });
    expect(error.message).toContain('certificate');
  });

  it.each([
    'EMFILE',
    'ENFILE',
    'ENOBUFS',
    'ERR_INVALID_ARG_TYPE',
    'ERR_INVALID_CHAR',
    'ERR_UNESCAPED_CHARACTERS',
    'ERR_HTTP_INVALID_HEADER_VALUE',
    'ERR_SOCKET_BAD_PORT',
  ])("%s is a fault of ours, not the source's", (code) => {
    const cause = systemError(code);
    expect(connectionError(cause)).toMatchObject({ code: 'internal', retryable: false, cause });
  });

  it('a name without address is tried twice at most', () => {
    expect(connectionError(systemError('ENOTFOUND'))).toMatchObject({
      retryable: true,
      maxAttempts: 2,
    });
  });

  it.each([[new TypeError('x is not a function')], ['a text'], [null], [undefined]])(
    'what has no code, like %p, is a defect of ours',
    (error) => {
      const reason = connectionError(error);
      expect(reason.code).toBe('internal');
      expect(reason.cause).toBe(error);
    },
  );
});

it('of ours stays as it is', () => {
  const reason = new RelayError('blocked_port', 'Port 22 is not open.');
  expect(connectionError(reason)).toBe(reason);
});

describe('what several failed addresses mean together', () => {
  const REFUSED = 'The source refused the connection.';
  const SILENT = 'The source did not answer in time.';
  const UNREACHABLE = 'The source cannot be reached from here.';
  it.each([
    ['all were silent', ['ETIMEDOUT', 'ETIMEDOUT'], 'download_timeout', SILENT],
    ['one refused, after silence', ['ETIMEDOUT', 'ECONNREFUSED'], 'connection_failed', REFUSED],
    ['one refused, before silence', ['ECONNREFUSED', 'ETIMEDOUT'], 'connection_failed', REFUSED],
    ['one was silent', ['ENETUNREACH', 'ETIMEDOUT'], 'download_timeout', SILENT],
    ['one refused', ['EHOSTUNREACH', 'ECONNREFUSED'], 'connection_failed', REFUSED],
    ['none was reached', ['ENETUNREACH', 'EADDRNOTAVAIL'], 'connection_failed', UNREACHABLE],
  ])('%s: of %p it is %s', (_what, codes, code, message) => {
    const cause = new AggregateError(codes.map(systemError));
    expect(connectionError(cause)).toMatchObject({ code, message, cause, retryable: true });
  });

  it('a fault of ours is not hidden by what the source did', () => {
    const cause = new AggregateError(['ECONNREFUSED', 'EMFILE'].map(systemError));
    expect(connectionError(cause)).toMatchObject({ code: 'internal', cause });
  });

  it('nothing at all is a defect of ours', () => {
    expect(connectionError(new AggregateError([])).code).toBe('internal');
  });
});
