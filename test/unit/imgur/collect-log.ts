import { createLogger, type Logger } from '../../../lib/logger';

export interface CollectedLog {
  readonly log: Logger;
  /** All lines so far, parsed. */
  read(): Record<string, unknown>[];
  /** All lines so far, as they were written. */
  text(): string;
}

/** A logger whose lines a test reads. */
export function collectLog(): CollectedLog {
  const lines: string[] = [];
  return {
    log: createLogger('trace', { write: (line: string) => void lines.push(line) }),
    read: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => lines.join(''),
  };
}
