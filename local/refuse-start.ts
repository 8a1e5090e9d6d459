import { ConfigError } from '../lib/config';

/**
 * Ends a start that cannot succeed: on standard error, in plain words for whoever starts it, one line
 * for each problem, with exit status 1. Standard output belongs to the log, which has not begun, and
 * which `LOG_LEVEL=silent` would leave empty.
 *
 * @param problems each as `Expected …, got …`, without secrets.
 */
export function refuseStart(problems: readonly string[]): never {
  process.stderr.write(`${new ConfigError(problems).message}\n`);
  process.exit(1);
}
