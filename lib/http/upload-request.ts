import { z } from 'zod';
import { parseSourceUrl, sourceKey } from '../net/source-url';
import { HttpProblem, type InputProblem } from './http-problem';

/** The body of a submission, as it is validated and as the API's description shows it. */
export const uploadRequestSchema = z.strictObject(
  {
    urls: z
      .array(z.string(expected('string')), expected('array'))
      .min(1, 'Expected at least one URL, got none')
      .meta({
        description:
          'Absolute http or https URLs of at most 8,192 characters, without credentials. Duplicates ' +
          'are stripped: they are compared as WHATWG URLs without their fragment, and the first ' +
          'spelling is kept.',
      }),
    clientId: z
      .string(expected('string'))
      .regex(/^[\x21-\x7e]{1,200}$/, 'Expected 1 to 200 characters of visible ASCII')
      .optional()
      .meta({ description: 'Uploads this job with that Imgur Client-ID.' }),
  },
  objectWith('urls and clientId'),
);

/** @param keys as they are named where there is another one. */
export function objectWith(keys: string): {
  error: (issue: { code?: string; input?: unknown }) => string;
} {
  return {
    error: ({ code, input }) =>
      code === 'unrecognized_keys'
        ? `Expected only ${keys}, got another key`
        : `Expected a JSON object, got ${withArticle(typeName(input))}`,
  };
}

/** What is said of a value that is of another type, or missing. */
function expected(what: 'string' | 'array'): { error: (issue: { input?: unknown }) => string } {
  return { error: ({ input }) => `Expected ${what}, received ${typeName(input)}` };
}

export interface UploadRequest {
  /** Absolute http(s) URLs as they were submitted, each source once. */
  readonly urls: readonly string[];
  readonly clientId: string | null;
}

/**
 * Validates the body of a submission and strips duplicates: sources are compared as WHATWG URLs
 * without their fragment, and the first spelling is kept.
 *
 * @throws {HttpProblem} 400 naming every bad item, or 413 for more than `maxUrls` URLs.
 */
export function parseUploadRequest(body: unknown, maxUrls: number): UploadRequest {
  const given = (body as { urls?: unknown } | null)?.urls;
  if (Array.isArray(given) && given.length > maxUrls) {
    throw new HttpProblem(413, `Expected at most ${maxUrls} URLs in one job, got ${given.length}.`);
  }
  const { urls, clientId = null } = parseBody(uploadRequestSchema, body);
  const bySource = new Map<string, string>();
  const problems: InputProblem[] = [];
  urls.forEach((text, index) => {
    const parsed = parseSourceUrl(text);
    if (!parsed.ok) {
      problems.push({ pointer: `/urls/${index}`, detail: parsed.problem });
      return;
    }
    const key = sourceKey(parsed.url);
    if (!bySource.has(key)) bySource.set(key, text);
  });
  if (problems.length > 0) throw invalid(problems);
  return { urls: [...bySource.values()], clientId };
}

/** @throws {HttpProblem} 400 naming every bad item. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (!result.success) throw invalid(result.error.issues.flatMap(problemsOf));
  return result.data;
}

function invalid(errors: InputProblem[]): HttpProblem {
  const count = errors.length === 1 ? 'One part' : `${errors.length} parts`;
  const detail = `${count} of the request ${errors.length === 1 ? 'is' : 'are'} not as expected.`;
  return new HttpProblem(400, detail, { errors });
}

function problemsOf(issue: z.core.$ZodIssue): InputProblem[] {
  const pointer = issue.path.map((part) => `/${escapePointer(String(part))}`).join('');
  if (issue.code === 'unrecognized_keys') {
    // Told of once for each of them, and where it is.
    return issue.keys.map((key) => ({
      pointer: `${pointer}/${escapePointer(key)}`,
      detail: issue.message,
    }));
  }
  return [{ pointer, detail: issue.message }];
}

/** RFC 6901, section 3. */
function escapePointer(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** As JSON names types. */
function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function withArticle(name: string): string {
  return name === 'null' ? name : `${name === 'array' ? 'an' : 'a'} ${name}`;
}
