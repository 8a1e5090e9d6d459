const fs = require('node:fs');
const path = require('node:path');

/**
 * Makes a folder for what this process bundles, and removes it when the process ends. Functions are
 * loaded when they are first called. In a shared folder, another start from the same project could
 * have overwritten or removed them by then.
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
