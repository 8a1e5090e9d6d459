import type Sharp from 'sharp';

const loaded = load();
export const hasSharp = loaded !== null;
/** An optional dependency; what is tested by it stands in `describeWithSharp`. */
export const sharp = loaded as typeof Sharp;

/** A `describe` for what needs sharp; where it is missing, it says so and skips. */
export function describeWithSharp(name: string, define: () => void): void {
  const { describe: group } = globalThis;
  if (hasSharp) {
    group(name, define);
    return;
  }
  process.stderr.write(`SKIPPED, as sharp is missing: ${name}\n`);
  group.skip(name, define);
}

function load(): typeof Sharp | null {
  try {
    return jest.requireActual<typeof Sharp>('sharp');
  } catch {
    return null;
  }
}
