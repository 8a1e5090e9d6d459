// `npm run upload`: compiles the client, which is TypeScript, and runs it.
const path = require('node:path');
const { loadTypeScript } = require('../local/load-typescript.cjs');

const { main } = loadTypeScript(path.join(__dirname, 'main.ts'));
main(process.argv.slice(2)).then((status) => {
  // Not `exit`, which would cut off what a pipe has not taken yet.
  process.exitCode = status;
});
