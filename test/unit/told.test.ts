import fs from 'node:fs';
import path from 'node:path';
import { REASONS } from '../../lib/errors';
import { ROUTES } from '../../lib/http/routes';
import { settingNames } from '../../lib/setting-names';

const textOf = (file: string): string =>
  fs.readFileSync(path.join(__dirname, '../..', file), 'utf8');

/** What a file has still to be told of: the words that stand nowhere in it by themselves. */
const untold = (file: string, words: readonly string[]): string[] => {
  const text = textOf(file);
  const isTold = (word: string): boolean => text.split(/[^\w/{}.-]+/).includes(word);
  return words.filter((word) => !isTold(word)).map((word) => `${file} has to tell of ${word}`);
};

describe('what the service can do', () => {
  // Where it listens inside the container is fixed.
  it.each([
    ['README.md', []],
    ['.env.example', []],
    ['compose.yaml', ['HOST', 'PORT']],
  ])('has no setting that %s does not tell of', (file, besides: readonly string[]) => {
    const settings = settingNames().filter((name) => !besides.includes(name));
    expect(untold(file, settings)).toEqual([]);
  });

  it('has no reason code that the README does not tell of', () => {
    expect(untold('README.md', Object.keys(REASONS))).toEqual([]);
  });

  it('has no endpoint that the README does not tell of', () => {
    // That of the embedded pictures is of no use but in a link.
    const paths = ROUTES.map((route) => route.path).filter((each) => !each.startsWith('/embedded'));
    expect(untold('README.md', paths)).toEqual([]);
  });

  it('is told of in a README of 200 lines at most', () => {
    expect(textOf('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  });
});
