import fs from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../lib/config';
import { REASONS } from '../../lib/errors';
import { ROUTES } from '../../lib/http/routes';
import { settingNames } from '../../lib/setting-names';

const PROJECT = path.join(__dirname, '../..');
const textOf = (file: string): string => fs.readFileSync(path.join(PROJECT, file), 'utf8');

/** What a file has still to be told of: the words that stand nowhere in it, or in a part of it, by themselves. */
const untold = (file: string, words: readonly string[], text = textOf(file)): string[] => {
  const isTold = (word: string): boolean => text.split(/[^\w/{}.-]+/).includes(word);
  return words.filter((word) => !isTold(word)).map((word) => `${file} has to tell of ${word}`);
};

/** Files that a text names; one without its folder is in that of the file named before it. */
const namedFiles = (file: string): string[] => {
  let folder = path.dirname(file);
  const names = [...textOf(file).matchAll(/`([\w./-]+\.(?:[cm]?[jt]s|tsx))`/g)];
  return names.map(([, name = '']) => {
    if (!/^(?:lib|handlers|web|cli|local|bench|test)\//.test(name)) return path.join(folder, name);
    folder = path.dirname(name);
    return name;
  });
};

describe('what the service can do', () => {
  it('has no setting that the README has no row for', () => {
    const [, part = ''] = textOf('README.md').split('\n## Settings\n');
    const [rows = ''] = part.split('\n## ');
    const names = rows.split('\n').map((row) => row.split('|')[1] ?? '');
    expect(untold('README.md', settingNames(), names.join('\n'))).toEqual([]);
  });

  // Where it listens inside the container is fixed.
  it.each([
    ['.env.example', []],
    ['compose.yaml', ['HOST', 'PORT']],
  ])('has no setting that %s does not tell of', (file, besides: readonly string[]) => {
    const settings = settingNames().filter((name) => !besides.includes(name));
    expect(untold(file, settings)).toEqual([]);
  });

  it('has the defaults that .env.example shows', () => {
    const shown = [...textOf('.env.example').matchAll(/^# ([A-Z_]+)=(.+)$/gm)];
    expect(shown.length).toBeGreaterThan(20);
    for (const [, name = '', value = ''] of shown) {
      // By default there is neither: the lines show what they look like.
      if (['DATABASE_URL', 'IMGUR_API_URL'].includes(name)) continue;
      // Where PUBLIC_URL is set, it is a part of the default.
      const others = { USER_AGENT: 'ours' };
      const config = loadConfig({ ...others, [name]: value });
      expect({ name, ...config }).toEqual({ name, ...loadConfig(others) });
    }
  });

  it('has no reason code that the README does not tell of', () => {
    expect(untold('README.md', Object.keys(REASONS))).toEqual([]);
  });

  it('has no endpoint that the README does not tell of', () => {
    // That of the embedded pictures is of no use but in a link.
    const paths = ROUTES.map((route) => route.path).filter((each) => !each.startsWith('/embedded'));
    expect(untold('README.md', paths)).toEqual([]);
  });

  it.each(['README.md', 'CONTRIBUTING.md', 'docs/how-it-works.md'])(
    'is told of in %s by no file that is not there',
    (file) => {
      const isThere = (name: string): boolean => fs.existsSync(path.join(PROJECT, name));
      expect(namedFiles(file).filter((name) => !isThere(name))).toEqual([]);
    },
  );

  it('is told of in a README of 200 lines at most', () => {
    expect(textOf('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  });
});
