const { buildSync } = require('esbuild');
const Module = require('node:module');
const path = require('node:path');

/**
 * Loads a program written in TypeScript where plain JavaScript is asked for: its files become one
 * module, while its packages are required as ever.
 *
 * @param {string} entry the path of a `.ts` file.
 * @returns {any} what it exports.
 */
function loadTypeScript(entry) {
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
  compiled.paths = Module._nodeModulePaths(path.dirname(entry));
  compiled._compile(outputFiles[0].text, entry);
  return compiled.exports;
}

module.exports = { loadTypeScript };
