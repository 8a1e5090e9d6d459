import { byteWords } from './figures-in-words';

/** As much as the longest list of a job, and more. */
const MOST_BYTES = 10_000_000;

/** The text of files that were dropped or chosen, and why one of them is not taken. */
export async function readTextFiles(
  files: readonly File[],
): Promise<{ text: string; refused: string | null }> {
  const texts: string[] = [];
  const refused: string[] = [];
  for (const file of files) {
    const text = await textOf(file);
    if (text === null) refused.push(refusal(file));
    else texts.push(text.trim());
  }
  return {
    text: texts.filter(Boolean).join('\n'),
    refused: refused.length === 0 ? null : refused.join(' '),
  };
}

/** By what is in it, as names and types of files tell little. */
async function textOf(file: File): Promise<string | null> {
  if (file.size > MOST_BYTES || /^(?:image|video|audio)\/(?!svg)/.test(file.type)) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

function refusal({ name, size, type }: File): string {
  if (type.startsWith('image/')) {
    return `“${name}” is a picture: pictures are fetched from the web, so give links to them.`;
  }
  if (size > MOST_BYTES) {
    return `“${name}” is too long: a list may have ${byteWords(MOST_BYTES)}.`;
  }
  return `“${name}” is not a text file.`;
}
