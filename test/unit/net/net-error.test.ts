import { NetError, netFailureOf, type NetProblem } from '../../../lib/net/net-error';

const systemError = (code: string) =>
  Object.assign(new Error(`connect ${code} 10.0.0.1:80`), { code, address: '10.0.0.1' });

const KINDS: Partial<Record<NetProblem, string>> = {
  refused: 'ECONNREFUSED',
  broken: 'ECONNRESET EPIPE ENEW',
  unreachable: 'EHOSTUNREACH ENETUNREACH ENETDOWN EADDRNOTAVAIL',
  host_silent: 'ETIMEDOUT ERR_SOCKET_CONNECTION_TIMEOUT',
  large_headers: 'HPE_HEADER_OVERFLOW',
  bad_http: 'HPE_INVALID_CONSTANT',
  bad_certificate:
    'DEPTH_ZERO_SELF_SIGNED_CERT CERT_HAS_EXPIRED ERR_TLS_CERT_ALTNAME_INVALID ' +
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT_LOCALLY SELF_SIGNED_CERT_IN_CHAIN ' +
    'CERT_NOT_YET_VALID CERT_REVOKED CERT_UNTRUSTED CRL_HAS_EXPIRED INVALID_CA INVALID_PURPOSE ' +
    'ERROR_IN_CERT_NOT_AFTER_FIELD PATH_LENGTH_EXCEEDED HOSTNAME_MISMATCH CA_MD_TOO_WEAK ' +
    'EE_KEY_TOO_SMALL',
  bad_tls: 'EPROTO ERR_SSL_WRONG_VERSION_NUMBER ERR_TLS_HANDSHAKE_TIMEOUT',
  no_address: 'ENOTFOUND EAI_AGAIN',
  own_fault:
    'EMFILE ENFILE ENOBUFS ERR_INVALID_ARG_TYPE ERR_INVALID_CHAR ERR_UNESCAPED_CHARACTERS ' +
    'ERR_HTTP_INVALID_HEADER_VALUE ERR_SOCKET_BAD_PORT',
};
const codes = Object.entries(KINDS).flatMap(([kind, list]) =>
  list.split(' ').map((code) => ({ code, kind })),
);

describe('what a failed connection was', () => {
  it.each(codes)('$code is $kind', ({ code, kind }) => {
    expect(netFailureOf(systemError(code))).toEqual({ kind, facts: { code } });
  });

  it.each([[new TypeError('x is not a function')], ['a text'], [null], [undefined]])(
    'what has no code, like %p, is a defect of ours',
    (error) => expect(netFailureOf(error)).toEqual({ kind: 'defect', facts: {} }),
  );

  it('what was found here stays as it is', () => {
    const found = new NetError('closed_port', { port: 22 });
    expect(netFailureOf(found)).toBe(found);
  });
});

describe('what several failed addresses were together', () => {
  it.each([
    ['all were silent', ['ETIMEDOUT', 'ETIMEDOUT'], 'host_silent'],
    ['one refused, after silence', ['ETIMEDOUT', 'ECONNREFUSED'], 'refused'],
    ['one refused, before silence', ['ECONNREFUSED', 'ETIMEDOUT'], 'refused'],
    ['one was silent', ['ENETUNREACH', 'ETIMEDOUT'], 'host_silent'],
    ['one refused', ['EHOSTUNREACH', 'ECONNREFUSED'], 'refused'],
    ['none was reached', ['ENETUNREACH', 'EADDRNOTAVAIL'], 'unreachable'],
    ['a fault of ours is not hidden', ['ECONNREFUSED', 'EMFILE'], 'own_fault'],
    ['nothing at all is a defect of ours', [], 'defect'],
  ])('%s: of %p it is %s', (_what, all, kind) => {
    expect(netFailureOf(new AggregateError(all.map(systemError))).kind).toBe(kind);
  });
});
