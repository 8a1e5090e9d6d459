import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ConfigError, loadConfig } from '../../lib/config';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('a secret from a file', () => {
  let folder = '';
  const write = (text: string): string => {
    const file = path.join(folder, 's3cret-name');
    fs.writeFileSync(file, text);
    return file;
  };
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'image-relay-'));
  });
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  it('is taken without its line end', () => {
    const file = write('s3cret\r\n');
    const config = loadConfig({
      IMGUR_CLIENT_ID_FILE: file,
      IMGUR_CLIENT_SECRET_FILE: file,
      IMGUR_ACCESS_TOKEN_FILE: file,
      IMGUR_REFRESH_TOKEN_FILE: file,
      IMGUR_CLIENT_ID: ' ',
    });
    expect(config).toMatchObject({
      imgurClientId: 's3cret',
      imgurClientSecret: 's3cret',
      imgurAccessToken: 's3cret',
      imgurRefreshToken: 's3cret',
      imgurApiUrl: 'https://api.imgur.com',
    });
    expect(loadConfig({ API_KEYS_FILE: write('s3cret-one, s3cret-two\n') }).apiKeys).toEqual([
      's3cret-one',
      's3cret-two',
    ]);
  });

  it('stops the start where the file is no secret, without a word of it or of its name', () => {
    const name = 'API_KEYS_FILE';
    const begin = `Expected ${name} to name a file`;
    const of = (file: string): readonly string[] => problemsOf({ [name]: file });
    const missing = path.join(folder, 's3cret-missing');
    expect(of(missing)).toEqual([`${begin} that can be read, got ENOENT`]);
    expect(of(folder)).toEqual([`${begin} that can be read, got something else than a file`]);
    expect(of('/dev/zero')).toEqual([`${begin} that can be read, got something else than a file`]);
    expect(of(write('\n'))).toEqual([`${begin} with a secret in it, got an empty one`]);
    expect(of(write('x'.repeat(65_537)))).toEqual([`${begin} of at most 65536 bytes, got 65537`]);
    expect(of(write('s3cret one'))).toEqual([
      'Expected API_KEYS to be visible ASCII without blanks, got 1 other keys',
    ]);
  });

  it('stops the start beside the same from a variable', () => {
    const file = write('s3cret');
    for (const name of ['IMGUR_CLIENT_ID', 'IMGUR_ACCESS_TOKEN', 'API_KEYS']) {
      expect(problemsOf({ [name]: 's3cret', [`${name}_FILE`]: file })).toEqual([
        `Expected one of ${name} and ${name}_FILE to be set, got both`,
      ]);
    }
  });
});
