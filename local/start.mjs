// `npm start`: `serverless offline start`, quiet but for our own lines.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

// Who reads our output may be gone before us. A write that fails then would end the process, were its
// error not heard.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
// Paths of serverless.yml are relative to where it lies, wherever this was called from.
process.chdir(path.dirname(import.meta.dirname));
// What serverless-offline has to tell about every request is in our own log, as JSON.
process.env.SLS_LOG_LEVEL ??= 'warning';
if (fs.existsSync('serverless.yml')) giveBuildFolder('.build');
process.argv.splice(2, 0, 'offline', 'start');
createRequire(import.meta.url)('serverless/bin/serverless.js');

/**
 * A folder of its own for what this process bundles. Functions are loaded when they are first called,
 * and by then another start from the same project would have written or removed them.
 */
function giveBuildFolder(parent) {
  const own = path.join(parent, String(process.pid));
  process.env.IMAGE_RELAY_BUILD_FOLDER = own;
  process.on('exit', () => fs.rmSync(own, { recursive: true, force: true }));
  fs.mkdirSync(parent, { recursive: true });
  for (const pid of fs.readdirSync(parent)) {
    // What a process that was killed could not remove.
    if (!isRunning(Number(pid)))
      fs.rmSync(path.join(parent, pid), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
