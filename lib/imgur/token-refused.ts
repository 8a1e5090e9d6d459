/** Imgur refused the access token: after a refresh the image is to be sent once more. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  /** The header value that was refused. A secret, and so not enumerable: no log shows it. */
  declare readonly authorization: string;

  constructor(message: string, authorization: string) {
    super(message);
    Object.defineProperty(this, 'authorization', { value: authorization });
  }
}

/** Recognised by name, since every function is bundled apart and has a class of its own. */
export function isTokenRefused(error: unknown): error is TokenRefused {
  return error instanceof Error && error.name === 'TokenRefused' && 'authorization' in error;
}
