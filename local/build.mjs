// Builds what the container runs, once instead of at each start: `node local/build.mjs FOLDER`.
// The folder gets the functions and the plugin as plain JavaScript, and a serverless.json that is
// serverless.yml but for the bundling.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { bundleFunctions, bundleOptions } from './bundle.cjs';

/** What is read at run time as it stands. */
const COPIED = [
  'local/start.mjs',
  'local/health-check.mjs',
  'samples',
  // Another process runs it.
  'lib/images/convert/child',
];
/** What the bundles do not hold, because it is what runs them. */
const RUNNERS = ['serverless', 'serverless-offline', '@aws-sdk/client-lambda'];

const [, , folder] = process.argv;
if (!folder) throw new Error('Expected the folder to build into, got nothing');
mkdirSync(folder, { recursive: true });

const service = readService();
delete service.package; // of a deployment
await bundleFunctions(service, folder);
await buildPlugin();
await buildStandIn();
delete service.custom.esbuild; // it has done its work
for (const each of COPIED) cpSync(each, path.join(folder, each), { recursive: true });
writeJson('serverless.json', {
  ...service,
  plugins: service.plugins.filter((plugin) => plugin !== './local/bundling.cjs'),
});
writeJson('package.json', packageWith(RUNNERS));

/** The service as Serverless itself reads it, which also judges it by its schema. */
function readService() {
  const serverless = 'node_modules/serverless/bin/serverless.js';
  const printed = execFileSync(process.execPath, [serverless, 'print', '--format', 'json']);
  return JSON.parse(printed);
}

/** In the place of local/plugin.cjs, which compiles itself. */
async function buildPlugin() {
  await build({
    ...bundleOptions(service),
    entryPoints: ['local/service-plugin.ts'],
    outfile: path.join(folder, 'local/plugin.cjs'),
    footer: { js: 'module.exports = module.exports.default;' },
  });
}

/** Imgur's stand-in as a program of its own, for several processes without a credential. */
async function buildStandIn() {
  await build({
    ...bundleOptions(service),
    entryPoints: ['lib/imgur-stand-in/main.ts'],
    outfile: path.join(folder, 'local/imgur.cjs'),
    footer: {
      js: 'module.exports.main(process.argv.slice(2)).then((status) => (process.exitCode = status));',
    },
  });
}

function packageWith(names) {
  const { name, version, license, dependencies, optionalDependencies } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  );
  const kept = Object.fromEntries(names.map((each) => [each, dependencies[each]]));
  // What is left out of the bundles, as it is native.
  return { name, version, license, private: true, dependencies: kept, optionalDependencies };
}

function writeJson(file, value) {
  writeFileSync(path.join(folder, file), `${JSON.stringify(value, null, 2)}\n`);
}
