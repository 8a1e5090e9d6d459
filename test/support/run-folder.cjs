// A folder for what the test files of one run share; removed with the run.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

module.exports = () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'image-relay-test-'));
  process.env.TEST_RUN_FOLDER = folder;
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
};
