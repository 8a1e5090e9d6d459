// Serverless loads plugins as plain JavaScript, so this one compiles itself first: its parts are in
// service-plugin.ts, beside this file.
const { buildSync } = require('esbuild');
const Module = require('node:module');
const path = require('node:path');

const entry = path.join(__dirname, 'service-plugin.ts');
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
module.exports = compiled.exports.default;
