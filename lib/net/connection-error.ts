import { RelayError, isRelayError } from '../errors';

/** DNS answers of c-ares and getaddrinfo that mean: there is no such name, or nobody answered. */
const DNS = /^(?:ENOTFOUND|ENODATA|ESERVFAIL|EREFUSED|ETIMEOUT|EBADRESP|EBADNAME|EAI_[A-Z]+)$/;
/** Set by the kernel when a host never answers, and by Node when one of several addresses does not. */
const TIMED_OUT = /^(?:ETIMEDOUT|ERR_SOCKET_CONNECTION_TIMEOUT)$/;
/** What OpenSSL finds wrong with a certificate (Node.js documentation, "X509 certificate error codes"). */
const CERTIFICATE =
  /^(?:CERT_|CRL_|UNABLE_TO_|ERROR_IN_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|PATH_LENGTH_|HOSTNAME_|(?:CA|EE)_(?:KEY|MD)_|ERR_TLS_CERT_)/;
const TLS = /^(?:EPROTO|ERR_TLS_|ERR_SSL_)/;

/** What this process or machine lacks, and calls of Node that were made wrongly (Node.js, "Errors"). */
const OURS =
  /^(?:EMFILE|ENFILE|ENOMEM|ENOBUFS|ERR_(?:INVALID_.+|HTTP_.+|UNESCAPED_CHARACTERS|OUT_OF_RANGE|MISSING_ARGS|SOCKET_BAD_PORT))$/;
const UNREACHABLE = /UNREACH$|^ENETDOWN$|^EADDRNOTAVAIL$/;

/**
 * What a failed connection or response means for the image, whatever layer failed. A `RelayError`,
 * as of the guard, comes through `http.request` as it is; of an `AggregateError`, the most telling
 * cause counts. Messages name no address; the original is the cause.
 */
export function connectionError(error: unknown): RelayError {
  if (isRelayError(error)) return error;
  const causes = causesOf(error);
  if (causes === null) return fromCode(error);
  const judged = causes.map(fromCode).sort((a, b) => rank(a) - rank(b));
  const { code, message } = judged[0] ?? fromCode(error);
  return new RelayError(code, message, { cause: error });
}

/** The failures of several addresses (`AggregateError`); null for another error. */
function causesOf(error: unknown): unknown[] | null {
  if (typeof error !== 'object' || error === null || !('errors' in error)) return null;
  return Array.isArray(error.errors) ? error.errors : null;
}

/**
 * Which of several failures tells most, the lowest first. A fault of ours must not be hidden by
 * what happened besides. Then what a machine of the source said, then the silence of one, and last
 * what this machine says by itself about its own network.
 */
function rank({ code, cause }: RelayError): number {
  if (code === 'internal') return 0;
  if (code === 'download_timeout') return 2;
  return UNREACHABLE.test(codeOf(cause) ?? '') ? 3 : 1;
}

function fromCode(cause: unknown): RelayError {
  const code = codeOf(cause);
  if (code === null) {
    return new RelayError('internal', 'Something unexpected went wrong here.', { cause });
  }
  if (OURS.test(code)) {
    return new RelayError('internal', `Something went wrong here, not at the source (${code}).`, {
      cause,
    });
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new RelayError('bad_response', "The headers of the source's answer are too large.", {
      cause,
    });
  }
  if (code.startsWith('HPE_')) {
    return new RelayError('bad_response', "The source's answer is not valid HTTP.", { cause });
  }
  if (CERTIFICATE.test(code)) {
    return new RelayError('tls_error', `The source's certificate is not valid (${code}).`, {
      cause,
    });
  }
  if (TLS.test(code)) {
    return new RelayError('tls_error', `The source does not speak valid TLS (${code}).`, { cause });
  }
  if (DNS.test(code)) {
    return new RelayError('dns_failed', "The source's name has no address.", {
      maxAttempts: 2,
      cause,
    });
  }
  if (TIMED_OUT.test(code)) {
    return new RelayError('download_timeout', 'The source did not answer in time.', { cause });
  }
  if (code === 'ECONNREFUSED') {
    return new RelayError('connection_failed', 'The source refused the connection.', { cause });
  }
  if (UNREACHABLE.test(code)) {
    return new RelayError('connection_failed', 'The source cannot be reached from here.', {
      cause,
    });
  }
  return new RelayError('connection_failed', `The connection to the source broke (${code}).`, {
    cause,
  });
}

/** Errors of Node and of the system have a string code; one without it is a defect of ours. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' && error.code !== '' ? error.code : null;
}
