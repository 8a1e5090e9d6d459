import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { awaitUntil } from '../support/await-until';
import { copyOfProject } from '../support/project-copy';
import { spawnService } from '../support/service';

jest.setTimeout(90_000);

describe('serverless.yml', () => {
  it('is judged by `npm run config`, which names a key that nobody knows', async () => {
    const project = copyOfProject();
    const file = path.join(project, 'serverless.yml');
    const text = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, text.replace('individually:', 'indivdually:'));
    try {
      const judged = promisify(execFile)('npm', ['run', '-s', 'config'], { cwd: project });
      await expect(judged).rejects.toMatchObject({
        stdout: expect.stringContaining("unrecognized property 'indivdually'"),
      });
    } finally {
      fs.rmSync(project, { recursive: true });
    }
  });

  it('is not judged once more by a start, which needs less than 170 MB', async () => {
    const schemas = fs.mkdtempSync(path.join(os.tmpdir(), 'image-relay-schemas-'));
    const settings = { PORT: '0', SLS_SCHEMA_CACHE_BASE_DIR: schemas };
    const { child, output, exited } = spawnService(settings);
    try {
      await awaitUntil('it to be ready', () => output.stdout.includes('is ready at'), 60_000);
      // Where it would keep the compiled schema.
      expect(fs.readdirSync(schemas)).toEqual([]);
      const resident = execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)]).toString();
      expect(Number(resident) / 1024).toBeLessThan(170);
    } finally {
      child.kill();
      await exited;
      fs.rmSync(schemas, { recursive: true });
    }
  });
});
