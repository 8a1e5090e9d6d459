import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { judgePicture } from './picture-type';

export interface Sample {
  bytes: Buffer;
  type: string;
}

/** Only names that need no escaping in a URL, and that cannot lead out of the folder. */
const PLAIN_NAME = /^[a-z0-9][a-z0-9._-]*$/i;

/**
 * Reads the sample pictures once, by name; they are few and small. Whatever else lies in the folder
 * is passed over, links included.
 *
 * @returns an empty map where there is no folder, or it cannot be read: samples are a comfort, and
 * their absence must not stop the service.
 */
export async function loadSamples(directory: string | null): Promise<ReadonlyMap<string, Sample>> {
  const samples = new Map<string, Sample>();
  if (directory === null) return samples;
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
    for (const name of names.filter((each) => PLAIN_NAME.test(each)).sort()) {
      const bytes = await readFile(join(directory, name));
      const type = judgePicture(bytes)?.type;
      if (type) samples.set(name, { bytes, type });
    }
  } catch {
    return samples;
  }
  return samples;
}
