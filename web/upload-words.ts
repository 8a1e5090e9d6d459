import type { ApiError } from './api';
import { countWords } from './figures-in-words';
import type { FoundUrls } from './find-urls';
import { refusalOf } from './problem-words';

/** Why a list was not taken. */
export interface Trouble {
  readonly message: string;
  readonly details: readonly string[];
}

export function summaryOf({ urls, duplicates, invalid }: FoundUrls): string {
  const parts = [
    urls.length > 0 && `${urls.length.toLocaleString()} ready`,
    duplicates > 0 && `${countWords(duplicates, 'duplicate')} left out`,
    invalid > 0 && `${invalid.toLocaleString()} invalid left out`,
  ];
  return parts.filter(Boolean).join(', ');
}

export function troubleOf({ kind, message, errors }: ApiError, urls: readonly string[]): Trouble {
  if (kind === 'unauthorized') {
    return {
      message: 'The service asks for a key first. The upload goes on once it has one.',
      details: [],
    };
  }
  const details = errors.flatMap(({ pointer }) => {
    const index = /^\/urls\/(\d+)$/.exec(pointer)?.[1];
    const url = index === undefined ? undefined : urls[Number(index)];
    return url === undefined ? [] : `${url}: ${refusalOf(url)}`;
  });
  return { message, details };
}
