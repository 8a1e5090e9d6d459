/** Imgur's answers take about a kilobyte; nothing beyond this is looked at. In bytes. */
export const MAX_REPLY_BYTES = 65_536;

export interface ReplyText {
  text: string;
  /** Whether it ended by itself or at the limit, rather than with the connection. */
  complete: boolean;
}

/**
 * Reads the body of an answer up to a limit. Never throws: of an answer that breaks off, what has
 * arrived can still tell why, and the status counts anyway.
 */
export async function readReply(
  body: NodeJS.ReadableStream,
  maxBytes = MAX_REPLY_BYTES,
): Promise<ReplyText> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let complete = true;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= maxBytes) break;
    }
  } catch {
    complete = false;
  }
  return { text: Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8'), complete };
}
