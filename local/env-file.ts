import fs from 'node:fs';
import { parseEnv } from 'node:util';

/** How a file begins that an editor, or PowerShell's `>`, has marked (Unicode 16.0, section 23.8). */
const MARKS = {
  utf8: Buffer.from([0xef, 0xbb, 0xbf]),
  utf16le: Buffer.from([0xff, 0xfe]),
  utf16be: Buffer.from([0xfe, 0xff]),
};

/**
 * Adds the settings of a file like `.env` to an environment, where they are not set already. A file
 * that does not exist has none.
 *
 * @returns what is wrong with the file. A byte-order mark would become a part of the first name,
 *   and that variable, perhaps API_KEYS, would be ignored without a word. In UTF-16 all would be
 *   ignored.
 */
export function loadEnvFile(file: string, env: Record<string, string | undefined>): string[] {
  if (!fs.existsSync(file)) return [];
  const bytes = fs.readFileSync(file);
  const begins = (mark: Buffer): boolean => bytes.subarray(0, mark.length).equals(mark);
  const problem = (what: string): string[] => [
    `Expected ${file} to be UTF-8 without a byte-order mark, got ${what}`,
  ];
  if (begins(MARKS.utf16le) || begins(MARKS.utf16be)) return problem('UTF-16');
  const isMarked = begins(MARKS.utf8);
  // The mark is left out, so that all other settings are judged in the same go.
  const settings = parseEnv(bytes.toString('utf8', isMarked ? MARKS.utf8.length : 0));
  for (const [name, value] of Object.entries(settings)) env[name] ??= value;
  return isMarked ? problem('one at its beginning') : [];
}
