// Runs one of the TypeScript programs of this folder: `node bench/run.mjs <name> [arguments]`.
import path from 'node:path';
import { loadTypeScript } from '../local/load-typescript.cjs';

const [program, runner, name, ...rest] = process.argv;
process.argv = [program, runner, ...rest];
loadTypeScript(path.join(import.meta.dirname, `${name}.ts`));
