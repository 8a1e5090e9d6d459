// Bundles the functions: for a package by serverless-esbuild, for `offline` by the same esbuild alone.
// serverless-esbuild loads 1,500 files (60 MB, half a second) that only zip, watch and install.
const { stop } = require('esbuild');
const { bundleFunctions } = require('./bundle.cjs');
const { makeBuildFolder } = require('./build-folder.cjs');

module.exports = class Bundling {
  hooks = {};

  constructor(serverless, ...args) {
    if (serverless.processedInput.commands[0] === 'offline') {
      this.hooks = bundleAtStart(serverless.service);
    } else {
      const EsbuildPlugin = require('serverless-esbuild');
      this.hooks = new EsbuildPlugin(serverless, ...args).hooks;
    }
  }
};

function bundleAtStart(service) {
  const folder = makeBuildFolder('.build');
  // Another process does it, while this one goes on loading.
  const bundled = bundleFunctions(service, folder);
  // It is awaited below, and told there if it fails.
  bundled.catch(() => undefined);
  return {
    // Before anything is opened that would outlive a failure.
    initialize: async () => {
      await bundled;
      // That process would keep half a gigabyte.
      stop();
      service.custom['serverless-offline'].location = folder;
    },
  };
}
