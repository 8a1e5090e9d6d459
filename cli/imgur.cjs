// `npm run imgur`: compiles the stand-in for Imgur, which is TypeScript, and runs it alone.
const path = require('node:path');
const { loadTypeScript } = require('../local/load-typescript.cjs');

const { main } = loadTypeScript(path.join(__dirname, '../lib/imgur-stand-in/main.ts'));
main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
