// Serverless loads plugins as plain JavaScript, so this one loads its parts, which are TypeScript.
const path = require('node:path');
const { stop } = require('esbuild');
const { loadTypeScript } = require('./load-typescript.cjs');

const { default: ServicePlugin } = loadTypeScript(path.join(__dirname, 'service-plugin.ts'));

module.exports = class extends ServicePlugin {
  constructor(serverless, ...args) {
    super(serverless, ...args);
    const open = this.hooks['after:offline:start:init'];
    this.hooks['after:offline:start:init'] = async () => {
      await open();
      // All is bundled, and nothing is watched: esbuild's process would keep half a gigabyte for it.
      // With a build left open it would end with a line about a deadlock now and then.
      for (const plugin of serverless.pluginManager.plugins) await plugin.disposeContexts?.();
      stop();
    };
  }
};
