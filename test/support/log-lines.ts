import { createLogger, type Logger } from '../../lib/logger';
import { watchForSecrets } from './secrets';

export type LogLine = Record<string, unknown> & { level: string; message: string };

/** A logger that keeps its lines, parsed as a reader of the log would. None may show a secret. */
export function logLines(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  let text = '';
  const log = createLogger('trace', {
    write: (line) => {
      text += line;
      lines.push(JSON.parse(line) as LogLine);
    },
  });
  watchForSecrets(() => text);
  return { log, lines };
}
