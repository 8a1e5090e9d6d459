// Builds the page: one HTML document with its styles and its script inside, and their hashes for the
// Content-Security-Policy. As an esbuild plugin it stands behind `import page from 'image-relay:page'`,
// so that the page travels inside the function that serves it.
const { build } = require('esbuild');
const { createHash } = require('node:crypto');
const fs = require('node:fs/promises');
const path = require('node:path');

const inFolder = (name) => path.join(__dirname, name);

async function buildPage() {
  const [{ outputFiles, metafile }, template] = await Promise.all([
    build({
      entryPoints: [inFolder('main.tsx'), inFolder('page.css')],
      absWorkingDir: __dirname,
      outdir: 'nowhere',
      write: false,
      metafile: true,
      bundle: true,
      minify: true,
      charset: 'utf8',
      format: 'iife',
      target: 'es2022',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      legalComments: 'none',
      logLevel: 'error',
    }),
    fs.readFile(inFolder('page.html'), 'utf8'),
  ]);
  const textOf = (extension) => outputFiles.find((file) => file.path.endsWith(extension)).text;
  const [script, style] = [textOf('.js'), textOf('.css')];
  const html = template
    .replace('<!-- style -->', () => `<style>${style}</style>`)
    .replace('<!-- script -->', () => `<script>${script}</script>`);
  const sources = [...Object.keys(metafile.inputs), 'page.html'].map(inFolder);
  return { page: { html, scriptHash: hashOf(script), styleHash: hashOf(style) }, sources };
}

/** A hash source of Content Security Policy Level 3, section 2.3.1. */
function hashOf(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

const pagePlugin = {
  name: 'image-relay-page',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^image-relay:page$/ }, ({ path: name }) => ({
      path: name,
      namespace: 'image-relay',
    }));
    onLoad({ filter: /^image-relay:page$/, namespace: 'image-relay' }, async () => {
      const { page, sources } = await buildPage();
      return { contents: JSON.stringify(page), loader: 'json', watchFiles: sources };
    });
  },
};

// What serverless-esbuild takes: a list of plugins.
module.exports = [pagePlugin];
module.exports.buildPage = buildPage;
