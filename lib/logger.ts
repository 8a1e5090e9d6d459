import { pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';
import type { LogLevel } from './config';
import { createLogOutput, openStandardOutput } from './log-output';

/** A pino logger: `log.warn({ jobId, url }, 'message')`; `log.child({ jobId })` binds fields. */
export type Logger = PinoLogger;

/** Keys that hold a secret wherever they turn up; the last line of defence, not the first. */
const SECRET_KEYS = [
  'authorization',
  'Authorization',
  'clientId',
  'clientSecret',
  'accessToken',
  'refreshToken',
  'access_token',
  'refresh_token',
  'client_secret',
  'apiKey',
  'x-api-key',
];

/**
 * JSON lines with `level` as a word, `time` in ISO 8601 and the text under `message`.
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
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_KEYS.flatMap((key) => [`["${key}"]`, `*["${key}"]`]),
        censor: '***',
      },
    },
    destination ?? standardOutput((lines) => log.warn({ lines }, 'lines of the log were lost')),
  );
  return log;
}

/** Nothing of it is left behind at the exit, unless nobody reads it. */
function standardOutput(onLost: (lines: number) => void): DestinationStream {
  const output = createLogOutput(openStandardOutput(), onLost);
  process.on('exit', () => output.flushSync());
  return output;
}
