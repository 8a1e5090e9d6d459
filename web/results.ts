import type { Image } from './api';

const COLUMNS = ['url', 'status', 'link', 'code', 'message', 'bytes', 'type'] as const;

/**
 * What became of each image, as RFC 4180. No cell begins a formula, as spreadsheets would run it: an
 * apostrophe goes before (OWASP, CSV injection).
 */
export function resultsAsCsv(images: readonly Image[]): string {
  const rows = images.map(({ url, status, link, error, bytes, type }) =>
    [url, status, link, error?.code, error?.message, bytes, type].map(cell).join(','),
  );
  return [COLUMNS.join(','), ...rows, ''].join('\r\n');
}

export function resultsAsJson(images: readonly Image[]): string {
  return `${JSON.stringify(images, null, 2)}\n`;
}

function cell(value: string | number | null | undefined): string {
  const text = String(value ?? '');
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
