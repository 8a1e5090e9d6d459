import fs from 'node:fs';

/** No secret of ours is longer, nor a list of keys. In bytes. */
const MAX_BYTES = 65_536;

/**
 * Reads a secret from a file, as Docker, Kubernetes and systemd hand them out, without the blanks
 * and line ends around it.
 *
 * @returns in `problem` the end of a sentence that begins "Expected … to name a file". It does not
 *   repeat the name of the file: if the variable holds the secret itself by mistake, that would be
 *   told.
 */
export function readSecretFile(
  file: string,
): { secret: string; problem: null } | { secret: null; problem: string } {
  const bad = (problem: string) => ({ secret: null, problem });
  try {
    const about = fs.statSync(file);
    if (!about.isFile()) return bad('that can be read, got something else than a file');
    if (about.size > MAX_BYTES) return bad(`of at most ${MAX_BYTES} bytes, got ${about.size}`);
    const secret = fs.readFileSync(file, 'utf8').trim();
    return secret === '' ? bad('with a secret in it, got an empty one') : { secret, problem: null };
  } catch (error) {
    const { code = 'an error' } = error as NodeJS.ErrnoException;
    return bad(`that can be read, got ${code}`);
  }
}
