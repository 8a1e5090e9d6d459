import { imagesCsv } from '../lib/http/csv';
import type { ImagesView, JobView } from '../lib/http/schemas';
import type { Submitted } from './submit';

/** What is printed of an image; the rest stands in the document of `--json`, where it is known. */
type Image = ImagesView['images'][number];
export type Reported = Pick<Image, 'url' | 'status' | 'link' | 'error'> & Partial<Image>;

/** Where lines go: results to the one, all else to the other. */
export interface Outputs {
  readonly result: (text: string) => void;
  readonly tell: (line: string) => void;
}

/** What only the service knew. */
const UNKNOWN = {
  ...{ deletehash: null, attempts: 0, bytes: null, type: null, sourceType: null },
  durationMs: null,
};

/** Prints the images of a run: links, or one JSON document, and then how many there are. */
export function report(
  ids: readonly string[],
  images: readonly Reported[],
  { json, csv = false, result, tell }: Outputs & { readonly json: boolean; readonly csv?: boolean },
): void {
  if (csv) result(imagesCsv({ images: images.map((image) => ({ ...UNKNOWN, ...image })) }));
  if (json) result(`${JSON.stringify({ jobs: ids, images }, null, 2)}\n`);
  let uploaded = 0;
  let failed = 0;
  for (const { url, status, link, error } of images) {
    if (link !== null) {
      uploaded += 1;
      if (!json && !csv) result(`${url} → ${link}\n`);
    }
    if (status !== 'failed') continue;
    failed += 1;
    const why = error ? `${error.message} (${error.code})` : 'the reason went with the service';
    if (!json) tell(`${url} failed: ${why}`);
  }
  const open = images.length - uploaded - failed;
  const counts = [
    `Uploaded ${plural(uploaded, 'image')}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(open > 0 ? [`what became of ${open} is not known`] : []),
  ];
  tell(`${counts.join(', ')}.`);
}

/**
 * The images of a job, where only the job itself was seen. Its links stand in the order in which
 * their sources were submitted, so each source that is neither pending nor failed has the next
 * link.
 */
export function imagesSeen({ urls }: Submitted, job: JobView | undefined): Reported[] {
  const { pending, complete, failed } = job?.uploaded ?? {
    pending: urls,
    complete: [],
    failed: [],
  };
  const sets = { pending: new Set(pending), failed: new Set(failed) };
  let next = 0;
  return urls.map((url) => {
    if (sets.pending.has(url)) return { url, status: 'pending', link: null, error: null };
    if (sets.failed.has(url)) return { url, status: 'failed', link: null, error: null };
    const link = complete[next] ?? null;
    next += 1;
    return { url, status: 'complete', link, error: null };
  });
}

export function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
