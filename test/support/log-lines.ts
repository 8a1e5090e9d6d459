import { createLogger, type Logger } from '../../lib/logger';

export type LogLine = Record<string, unknown> & { level: string; message: string };

/** A logger that keeps its lines, parsed as a reader of the log would. */
export function logLines(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const log = createLogger('trace', {
    write: (text) => lines.push(JSON.parse(text) as LogLine),
  });
  return { log, lines };
}
