// `npm start`: `serverless offline start`, quiet but for our own lines.
import { createRequire } from 'node:module';
import path from 'node:path';

// The reader of our output may be gone before us. Without a listener for its error, the next write
// would end the process.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
// Paths of serverless.yml are relative to where it lies, wherever this was called from.
process.chdir(path.dirname(import.meta.dirname));
// What serverless-offline has to tell about every request is in our own log, as JSON.
process.env.SLS_LOG_LEVEL ??= 'warning';
process.argv.splice(2, 0, 'offline', 'start');
const require = createRequire(import.meta.url);
// The configuration is judged by `npm run config`, and where the container is built. A start cannot make
// it worse, and would take half a second and 120 MB for the schema alone, which is 8 MB of code.
require('serverless/lib/classes/config-schema-handler').prototype.validateConfig = async () => {};
require('serverless/bin/serverless.js');
