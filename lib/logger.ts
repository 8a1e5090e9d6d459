import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import type { LogLevel } from './config';
import { CENSOR, hideNestedSecrets, SECRET_KEYS } from './hide-secrets';
import { createLogOutput, openStandardOutput } from './log-output';

/** A pino logger: `log.warn({ jobId, url }, 'message')`; `log.child({ jobId })` binds fields. */
export type Logger = PinoLogger;

/**
 * JSON lines with `level` as a word, `time` in ISO 8601 and the text under `message`.
 *
 * There is a line for each image, so a line is cheap: about 3 µs with its writing.
 *
 * @param destination where the lines go; standard output unless a test collects them.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const log = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      errorKey: 'error',
      timestamp: createTimestamp(),
      formatters: { level: (label) => ({ level: label }), log: hideNestedSecrets },
      redact: {
        paths: SECRET_KEYS.flatMap((key) => [`["${key}"]`, `error["${key}"]`]),
        censor: CENSOR,
      },
    },
    destination ?? standardOutput((lines) => log.warn({ lines }, 'lines of the log were lost')),
  );
  return log;
}

/** To write a time out costs as much as the rest of a line, and many lines share a millisecond. */
function createTimestamp(): () => string {
  let at = NaN;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== at) {
      at = now;
      text = `,"time":"${new Date(now).toISOString()}"`;
    }
    return text;
  };
}

/** Nothing of it is left behind at the exit, unless nobody reads it. */
function standardOutput(onLost: (lines: number) => void): DestinationStream {
  const output = createLogOutput(openStandardOutput(), onLost);
  process.on('exit', () => output.flushSync());
  return output;
}
