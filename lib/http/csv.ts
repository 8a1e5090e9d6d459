import type { ImagesView } from './schemas';

type Image = Pick<ImagesView['images'][number], 'error' | Exclude<Column, 'code' | 'message'>>;

const COLUMNS = [
  'url',
  'status',
  'link',
  'deletehash',
  'code',
  'message',
  'bytes',
  'type',
] as const;
type Column = (typeof COLUMNS)[number];

/**
 * The images of a job as RFC 4180 has it: a header line, CRLF, and quotes around every text. What a
 * spreadsheet would take for a formula has an apostrophe before it (OWASP, "CSV injection"), which
 * spreadsheets leave out again.
 */
export function imagesCsv({ images }: { readonly images: readonly Image[] }): string {
  const lines = images.map(({ error, ...image }) => {
    const row = { ...image, code: error?.code ?? null, message: error?.message ?? null };
    return COLUMNS.map((column) => cell(row[column])).join(',');
  });
  return [COLUMNS.join(','), ...lines, ''].join('\r\n');
}

/** What a page kept before this service knew of it is undefined. */
function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return `"${text.replaceAll('"', '""')}"`;
}

/**
 * Whether CSV is asked for, by `?format=csv` or by `Accept` (RFC 9110, section 12.5.1): JSON, where
 * both are as welcome.
 */
export function wantsCsv(accept: string | undefined, format: string | undefined): boolean {
  if (format !== undefined) return format === 'csv';
  const weights = (accept ?? '').split(',').map((range): [string, number] => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((each) => each.startsWith('q='))?.slice(2);
    return [type, q === undefined ? 1 : Number(q) || 0];
  });
  const weightOf = (...types: string[]): number =>
    types.flatMap((type) => weights.find(([each]) => each === type)?.[1] ?? []).at(0) ?? 0;
  const csv = weightOf('text/csv', 'text/*');
  return csv > 0 && csv > weightOf('application/json', 'application/*', '*/*');
}
