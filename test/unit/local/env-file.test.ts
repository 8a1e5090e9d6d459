import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadEnvFile } from '../../../local/env-file';

describe('loadEnvFile', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'image-relay-'));
    file = path.join(folder, '.env');
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const TEXT = 'API_KEYS=one,two\n# why\nPORT="3001"\n';

  it('adds what is not set yet, and goes behind what is, were it empty', () => {
    fs.writeFileSync(file, `${TEXT}HOST=::1\n`);
    const env = { PORT: '8080', HOST: '' };
    expect(loadEnvFile(file, env)).toEqual([]);
    expect(env).toEqual({ API_KEYS: 'one,two', PORT: '8080', HOST: '' });
  });

  it('has nothing to say about a file that does not exist', () => {
    const env = {};
    expect(loadEnvFile(file, env)).toEqual([]);
    expect(env).toEqual({});
  });

  it('refuses a byte-order mark, and reads on so that the rest can be judged', () => {
    fs.writeFileSync(file, `\uFEFF${TEXT}`);
    const env = {};
    expect(loadEnvFile(file, env)).toEqual([
      `Expected ${file} to be UTF-8 without a byte-order mark, got one at its beginning`,
    ]);
    expect(env).toEqual({ API_KEYS: 'one,two', PORT: '3001' });
  });

  it.each(['little', 'big'])('refuses UTF-16, %s end first', (end) => {
    const bytes = Buffer.from(`\uFEFF${TEXT}`, 'utf16le');
    fs.writeFileSync(file, end === 'little' ? bytes : bytes.swap16());
    const env = {};
    expect(loadEnvFile(file, env)).toEqual([
      `Expected ${file} to be UTF-8 without a byte-order mark, got UTF-16`,
    ]);
    expect(env).toEqual({});
  });
});
