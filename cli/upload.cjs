// `npm run upload`: compiles the client, which is TypeScript, and runs it.
const { buildSync } = require('esbuild');
const Module = require('node:module');
const path = require('node:path');

const entry = path.join(__dirname, 'main.ts');
const { outputFiles } = buildSync({
  entryPoints: [entry],
  bundle: true,
  write: false,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'cjs',
});

const compiled = new Module(entry, module);
compiled.filename = entry;
compiled.paths = module.paths;
compiled._compile(outputFiles[0].text, entry);
compiled.exports.main(process.argv.slice(2)).then((status) => {
  // Not `exit`, which would cut off what a pipe has not taken yet.
  process.exitCode = status;
});
