import { ApiError, isUnauthorized, messageOf } from './api';
import type { FoundUrls } from './find-urls';

/** Why a list was not taken. */
export interface Trouble {
  readonly message: string;
  readonly details: readonly string[];
}

export function submitLabel(count: number): string {
  if (count === 0) return 'Upload';
  return `Upload ${count.toLocaleString()} ${count === 1 ? 'image' : 'images'}`;
}

export function summaryOf({ urls, duplicates, invalid }: FoundUrls): string {
  const parts = [
    urls.length > 0 && `${urls.length.toLocaleString()} ready`,
    duplicates > 0 &&
      `${duplicates.toLocaleString()} ${duplicates === 1 ? 'duplicate' : 'duplicates'} left out`,
    invalid > 0 && `${invalid.toLocaleString()} invalid left out`,
  ];
  return parts.filter(Boolean).join(', ');
}

export function troubleOf(error: unknown, urls: readonly string[]): Trouble {
  if (isUnauthorized(error)) {
    return { message: 'The service asks for a key first. Enter it and upload again.', details: [] };
  }
  const details =
    error instanceof ApiError
      ? error.errors.map(({ pointer, detail }) => {
          const index = /^\/urls\/(\d+)$/.exec(pointer)?.[1];
          const url = index === undefined ? undefined : urls[Number(index)];
          return url === undefined ? detail : `${url}: ${detail}`;
        })
      : [];
  return { message: messageOf(error), details };
}
