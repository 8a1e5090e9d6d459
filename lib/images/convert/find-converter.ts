import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Config } from '../../config';
import type { Logger } from '../../logger';
import { createConverter, MISSING, type Converter, type ConvertObserver } from './converter';

/** The program of the child, beside the service: the bundles hold none of it. */
const PROGRAM = path.join('lib', 'images', 'convert', 'child', 'main.cjs');

/**
 * What converts pictures, by the settings; null where that is off. Where sharp is missing it is off as
 * well, as in a package of the functions for AWS, and one line of the log says so.
 */
export function findConverter(
  config: Config,
  log: Logger,
  observer: ConvertObserver,
): Converter | null {
  if (!config.convertImages) return null;
  const program = path.resolve(PROGRAM);
  if (!canRun(program)) {
    log.warn(MISSING);
    return null;
  }
  return createConverter({
    program,
    concurrency: config.convertConcurrency,
    maxPixels: config.convertMaxPixels,
    maxBytes: config.maxImageBytes,
    timeoutMs: config.convertTimeoutMs,
    log,
    observer,
  });
}

/** Nothing is loaded for this: whether sharp works is seen by the first child. */
function canRun(program: string): boolean {
  try {
    createRequire(program).resolve('sharp');
    return fs.existsSync(program);
  } catch {
    return false;
  }
}
