// `npm start`: `serverless offline start`, quiet but for our own lines.
import { createRequire } from 'node:module';
import path from 'node:path';

// Paths of serverless.yml are relative to where it lies, wherever this was called from.
process.chdir(path.dirname(import.meta.dirname));
// What serverless-offline has to tell about every request is in our own log, as JSON.
process.env.SLS_LOG_LEVEL ??= 'warning';
process.argv.splice(2, 0, 'offline', 'start');
createRequire(import.meta.url)('serverless/bin/serverless.js');
