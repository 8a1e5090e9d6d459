const fs = require('node:fs');
const path = require('node:path');

/**
 * A folder of its own for what this process bundles, gone when it ends. Functions are loaded when they
 * are first called, and by then another start from the same project would have written or removed them.
 *
 * @returns {string} its path.
 */
function makeBuildFolder(parent) {
  const own = path.join(parent, String(process.pid));
  process.on('exit', () => fs.rmSync(own, { recursive: true, force: true }));
  fs.mkdirSync(own, { recursive: true });
  for (const pid of fs.readdirSync(parent)) {
    // What a process that was killed could not remove.
    if (!isRunning(Number(pid)))
      fs.rmSync(path.join(parent, pid), { recursive: true, force: true });
  }
  return own;
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

module.exports = { makeBuildFolder };
