import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const PROJECT = path.join(__dirname, '..', '..');

/** A temporary folder to start from, whose `.env` and `serverless.yml` may be others than those here. */
export function copyOfProject(): string {
  const project = fs.mkdtempSync(path.join(os.tmpdir(), 'image-relay-'));
  for (const each of ['handlers', 'lib', 'node_modules', 'samples', 'web']) {
    fs.symlinkSync(path.join(PROJECT, each), path.join(project, each));
  }
  // No links: a program is where it really lies, and Serverless takes none for its own file.
  for (const each of ['deploy', 'local', 'package.json', 'serverless.yml']) {
    fs.cpSync(path.join(PROJECT, each), path.join(project, each), { recursive: true });
  }
  return project;
}
