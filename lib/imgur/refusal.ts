import { addFacts } from '../cause';
import { RelayError } from '../errors';
import type { ImgurFailure } from './parse-reply';

/** The longest wait that an attempt honours; longer ones are the business of the rate gate. */
const MAX_RETRY_AFTER_MS = 30_000;
/** Shorter ones would blot out common words, and are none that somebody could guess from. */
const MIN_SECRET = 6;

/** What became of an image that Imgur refused, as a sentence with Imgur's own words in it. */
export function refusalError(failure: ImgurFailure, secrets: readonly string[] = []): RelayError {
  const said = hideSecrets(failure.message, secrets);
  return addFacts(errorOf(failure, `"${said}"`), { status: failure.status, said });
}

function errorOf(failure: ImgurFailure, words: string): RelayError {
  switch (failure.verdict) {
    case 'rejected':
      return new RelayError('imgur_rejected', `Imgur refused the image: ${words}.`);
    case 'too_large':
      return new RelayError('too_large', `The image is too large for Imgur: ${words}.`);
    case 'auth':
    case 'token_refused':
      return new RelayError('imgur_auth', `Imgur refused the credential: ${words}.`);
    case 'bad_client_id':
      // Seen now and then with a right client ID, hence one or two more tries.
      return new RelayError('imgur_auth', `Imgur refused the client ID: ${words}.`, {
        retryable: true,
        maxAttempts: 3,
      });
    case 'forbidden':
      return new RelayError(
        'imgur_forbidden',
        `Imgur blocks this service's address, region or account: ${words}.`,
      );
    case 'flaky':
      return new RelayError('imgur_unavailable', `Imgur failed on the image: ${words}.`, {
        maxAttempts: 3,
      });
    case 'rate_limited':
    case 'unavailable':
      return new RelayError(
        'imgur_unavailable',
        `Imgur is not available just now (HTTP ${failure.status}): ${words}.`,
        failure.waitMs === null
          ? {}
          : { retryAfterMs: Math.min(failure.waitMs, MAX_RETRY_AFTER_MS) },
      );
    case 'bad_response':
      return new RelayError(
        'imgur_bad_response',
        `Imgur's answer (HTTP ${failure.status}) has no usable link: ${words}.`,
      );
  }
}

/** Replaces secrets, which an answer may repeat. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= MIN_SECRET)
    .reduce((hidden, secret) => hidden.replaceAll(secret, '***'), text);
}
