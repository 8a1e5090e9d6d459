// Runs one of the TypeScript programs of this folder: `node bench/run.mjs <name> [arguments]`.
import { buildSync } from 'esbuild';
import Module from 'node:module';
import path from 'node:path';

const [program, runner, name, ...rest] = process.argv;
const entry = path.join(import.meta.dirname, `${name}.ts`);
const { outputFiles } = buildSync({
  entryPoints: [entry],
  bundle: true,
  write: false,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'cjs',
});

process.argv = [program, runner, ...rest];
const compiled = new Module(entry);
compiled.filename = entry;
compiled.paths = Module._nodeModulePaths(import.meta.dirname);
compiled._compile(outputFiles[0].text, entry);
