import busboy from 'busboy';
import type { IncomingMessage } from 'node:http';
import type { Fault } from './faults';
import { playDuringBody } from './play';

/** A part with a filename, or one that calls itself application/octet-stream. */
export interface FormFile {
  field: string;
  /** Null for a binary part that carries none. */
  filename: string | null;
  /** The part's own Content-Type. */
  partType: string;
  /** Null where the part is larger than allowed. */
  bytes: Buffer | null;
}

export type FormResult =
  | {
      kind: 'form';
      /** The last of each name. */
      fields: Record<string, string>;
      /** All of them in their order: a name may come again and again. */
      entries: readonly (readonly [name: string, value: string])[];
      files: FormFile[];
    }
  /** Not a form after all. The rest of the body may still be arriving. */
  | { kind: 'malformed'; message: string }
  /** The client went away before the body was whole. */
  | { kind: 'aborted' };

export interface ReadFormOptions {
  maxFileBytes: number;
  /** How many fields there may be: 32. */
  maxFields?: number;
  /** Aborted when the client goes away. */
  gone: AbortSignal;
  /** Told of the bytes of a file as they arrive. */
  onFileBytes?: (bytes: number) => void;
  /** What goes wrong meanwhile. */
  fault: Fault | undefined;
}

/** Far more than a form for Imgur has, which is about ten fields. */
const LIMITS = { fields: 32, fieldSize: 8192, fieldNameSize: 100, files: 4 };

/**
 * Reads a form, multipart or urlencoded, while it arrives. A body that ends before its
 * Content-Length is `aborted`, never a form. Does not throw.
 */
export function readForm(req: IncomingMessage, options: ReadFormOptions): Promise<FormResult> {
  const { maxFileBytes, maxFields: fields = LIMITS.fields, gone, onFileBytes, fault } = options;
  return new Promise((resolve) => {
    if (gone.aborted) {
      resolve({ kind: 'aborted' });
      return;
    }
    const entries: [name: string, value: string][] = [];
    const files: FormFile[] = [];
    let parser: busboy.Busboy;
    try {
      // Busboy calls a file truncated that has exactly the bytes of its limit.
      const parts = fields + LIMITS.files;
      const limits = { ...LIMITS, fields, parts, fileSize: maxFileBytes + 1 };
      parser = busboy({ headers: req.headers, limits });
    } catch (error) {
      resolve({ kind: 'malformed', message: (error as Error).message });
      return;
    }
    const slow = playDuringBody(fault, req);

    function settle(result: FormResult): void {
      gone.removeEventListener('abort', abort);
      req.unpipe();
      slow?.destroy();
      resolve(result);
    }
    function abort(): void {
      settle({ kind: 'aborted' });
      parser.destroy();
    }
    const refuse = (message: string): void => settle({ kind: 'malformed', message });
    gone.addEventListener('abort', abort, { once: true });

    parser.on('file', (field, stream, info) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        onFileBytes?.(chunk.length);
      });
      stream.on('limit', () => (chunks.length = 0));
      // A part that is cut short ends in an error here and in one of the parser, which is answered.
      stream.on('error', () => (chunks.length = 0));
      stream.on('end', () => {
        files.push({
          field,
          filename: info.filename ?? null,
          partType: info.mimeType,
          bytes: stream.truncated ? null : Buffer.concat(chunks),
        });
      });
    });
    parser.on('field', (name, value) => entries.push([name, value]));
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
      parser.on(limit, () => refuse('The form has too many parts'));
    }
    parser.on('error', (error) => refuse((error as Error).message));
    parser.on('close', () => {
      settle({ kind: 'form', fields: Object.fromEntries(entries), entries, files });
    });

    if (slow) req.pipe(slow).pipe(parser);
    else req.pipe(parser);
  });
}
