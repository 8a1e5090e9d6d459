/** Imgur's answers take about a kilobyte; nothing beyond this is looked at. In bytes. */
export const MAX_REPLY_BYTES = 65_536;

export interface ReplyText {
  text: string;
  /** Whether it ended by itself or at the limit, rather than with the connection. */
  complete: boolean;
}

/**
 * Reads the body of an answer up to a limit. Never rejects: of an answer that breaks off, what has
 * arrived can still tell why, and the status counts anyway.
 */
export function readReply(
  body: NodeJS.ReadableStream,
  maxBytes = MAX_REPLY_BYTES,
): Promise<ReplyText> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (complete: boolean): void => {
      const text = Buffer.concat(chunks).toString('utf8', 0, Math.min(bytes, maxBytes));
      resolve({ text, complete });
    };
    body.on('data', (chunk: Buffer) => {
      if (bytes >= maxBytes) return;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes < maxBytes) return;
      body.pause();
      finish(true);
    });
    body.once('end', () => finish(true));
    body.on('error', () => finish(false));
    body.once('close', () => finish(false));
  });
}
