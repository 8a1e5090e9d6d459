// Serverless loads plugins as plain JavaScript, so this one compiles itself first: its parts are in
// service-plugin.ts, beside this file.
const { buildSync, stop } = require('esbuild');
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
const { default: ServicePlugin } = compiled.exports;

module.exports = class extends ServicePlugin {
  constructor(...args) {
    super(...args);
    const open = this.hooks['after:offline:start:init'];
    this.hooks['after:offline:start:init'] = async () => {
      await open();
      // All is bundled, and nothing is watched: esbuild's process would keep half a gigabyte for it.
      stop();
    };
  }
};
