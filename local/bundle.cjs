const { build } = require('esbuild');
const path = require('node:path');

/**
 * Bundles every function of a service apart, as serverless-esbuild does, by `custom.esbuild` of
 * serverless.yml. All at once, so that what they share is read and parsed once.
 *
 * The files end with `.cjs`, because serverless-offline hands `.js` to a TypeScript loader, and that
 * to esbuild.
 *
 * @param {object} service the service as Serverless reads it.
 * @param {string} folder where each gets the path that its handler has.
 */
async function bundleFunctions(service, folder) {
  const sources = Object.values(service.functions).map(({ handler }) =>
    handler.replace(/\.[^.]+$/, '.ts'),
  );
  await build({
    ...bundleOptions(service),
    entryPoints: sources,
    outdir: folder,
    outbase: '.',
    outExtension: { '.js': '.cjs' },
  });
}

/** @returns the options of esbuild for what runs in Node. */
function bundleOptions({ custom: { esbuild } }) {
  // As serverless-esbuild reads it: the path of a module that gives esbuild's plugins.
  const { plugins: file, exclude: external, ...options } = esbuild;
  const plugins = file ? require(path.resolve(file)) : [];
  // What serverless-esbuild leaves out of a package as well.
  return { ...options, external, plugins, platform: 'node', format: 'cjs' };
}

module.exports = { bundleFunctions, bundleOptions };
