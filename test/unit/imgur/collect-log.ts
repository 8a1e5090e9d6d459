import { createLogger, type Logger } from '../../../lib/logger';
import { watchForSecrets } from '../../support/secrets';

export interface CollectedLog {
  readonly log: Logger;
  /** All lines so far, parsed. */
  read(): Record<string, unknown>[];
  /** All lines so far, as they were written. */
  text(): string;
}

/** A logger whose lines a test reads. None may show a secret. */
export function collectLog(): CollectedLog {
  const lines: string[] = [];
  watchForSecrets(() => lines.join(''));
  return {
    log: createLogger('trace', { write: (line: string) => void lines.push(line) }),
    read: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => lines.join(''),
  };
}
