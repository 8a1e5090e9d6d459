import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { awaitUntil } from './await-until';

const PROJECT = path.join(__dirname, '..', '..');

/**
 * The folder of the service as the container runs it, which starts for a third of the work of one that
 * bundles its functions first. Made once in a run, by the first test file that asks.
 */
export async function builtService(): Promise<string> {
  const { TEST_RUN_FOLDER: shared = '' } = process.env;
  const built = path.join(shared, 'service');
  try {
    fs.mkdirSync(path.join(shared, 'turn'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await awaitUntil('the service to be built', () => fs.existsSync(built), 100_000);
    return built;
  }
  const folder = path.join(shared, 'unfinished');
  const build = path.join(PROJECT, 'local', 'build.mjs');
  await promisify(execFile)(process.execPath, [build, folder], { cwd: PROJECT });
  fs.symlinkSync(path.join(PROJECT, 'node_modules'), path.join(folder, 'node_modules'));
  fs.renameSync(folder, built);
  return built;
}
