/** Every secret that a test uses has this in it, so that whatever shows one is found. */
export const SECRET_MARK = 's3cret';

/** The lines of a text that show a secret. */
export function linesWithSecrets(text: string): string[] {
  return text.split('\n').filter((line) => line.toLowerCase().includes(SECRET_MARK));
}

const watched: (() => string)[] = [];

/** Fails the test file at its end if a log shows a secret by then. */
export function watchForSecrets(log: () => string): void {
  watched.push(log);
}

/** For the end of a log, where the test that made it can still be named. */
export function assertNoSecrets(text: string): void {
  const lines = linesWithSecrets(text);
  if (lines.length > 0) {
    throw new Error(`Expected no secret in the log, got ${lines.length}:\n${lines.join('\n')}`);
  }
}

afterAll(() => {
  for (const log of watched.splice(0)) assertNoSecrets(log());
});
