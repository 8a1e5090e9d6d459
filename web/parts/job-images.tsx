import { useCallback, useState } from 'preact/hooks';
import type { Image } from '../api';
import { groupFailures, shortReason } from '../failure-words';
import { kindOf, linkOf, type JobState } from '../job-state';
import { FailureGroups } from './failure-groups';
import { GrowingList } from './growing-list';
import { ImageRow } from './image-row';
import { Lightbox } from './lightbox';

const FILTERS = {
  all: 'All',
  open: 'Unfinished',
  complete: 'Uploaded',
  failed: 'Failed',
  cancelled: 'Cancelled',
  deleted: 'Deleted',
} as const;
type Filter = keyof typeof FILTERS;
/** Below this many nobody has to search. */
const MANY = 20;

/** Which images of a job are listed, and the list. */
export function JobImages({
  job: { images, counts },
  isStale,
}: {
  job: JobState;
  /** Whether the images may have gone on since. */
  isStale: boolean;
}) {
  const [filter, setFilter] = useState<Filter>('all');
  const [reason, setReason] = useState<string | null>(null);
  const [search, setSearch] = useState('');
  const [opened, setOpened] = useState<string | null>(null);
  const open = useCallback((url: string) => setOpened(url), []);
  const words = search.trim().toLowerCase();
  const shown = images.filter(
    (image) =>
      isShown(filter, image) &&
      (reason === null || (image.error !== null && shortReason(image.error) === reason)) &&
      (words === '' || `${image.url} ${image.link ?? ''}`.toLowerCase().includes(words)),
  );
  const groups = groupFailures(images.filter((image) => kindOf(image) === 'failed'));
  const onlyReason = groups.length === 1 ? groups[0]?.reason : undefined;
  const unfinished = counts.pending + counts.inProgress;
  const numbers: Record<Filter, number> = { ...counts, all: images.length, open: unfinished };
  // What a job does not have is not offered.
  const isOffered = (each: Filter): boolean =>
    each === 'all' || numbers[each] > 0 || filter === each;
  const show = (next: Filter, nextReason: string | null = null): void => {
    setFilter(next);
    setReason(nextReason);
  };
  return (
    <>
      <div class="toolbar row apart">
        <div class="filters row" role="group" aria-label="Show">
          {(Object.keys(FILTERS) as Filter[]).filter(isOffered).map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === filter}
              onClick={() => show(each)}
            >
              {FILTERS[each]} <span class="number">{numbers[each].toLocaleString()}</span>
              {each === 'failed' && onlyReason !== undefined && `: ${onlyReason}`}
            </button>
          ))}
        </div>
        {images.length > MANY && (
          <input
            type="search"
            class="search"
            aria-label="Search the images"
            placeholder="Search"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        )}
      </div>
      <FailureGroups
        groups={onlyReason === undefined ? groups : []}
        chosen={reason}
        onChoose={(next) => show(next === null ? 'all' : 'failed', next)}
      />
      {shown.length === 0 && (
        <p class="empty card quiet">
          No image of this job is like that.{' '}
          <button
            type="button"
            class="link"
            onClick={() => {
              show('all');
              setSearch('');
            }}
          >
            Show all
          </button>
        </p>
      )}
      <GrowingList total={shown.length} subject={`${filter} ${reason} ${words}`} noun="images">
        {(from, to) => (
          <ul class="images" aria-label="Images" data-stale={isStale}>
            {shown.slice(from, to).map((image) => (
              <ImageRow key={image.url} image={image} onOpen={open} />
            ))}
          </ul>
        )}
      </GrowingList>
      {opened !== null && (
        <Lightbox
          pictures={shown.flatMap((image) => {
            const link = linkOf(image);
            return link === null ? [] : { ...image, link };
          })}
          isFirst={({ url }) => url === opened}
          canDelete={!isStale}
          onClose={() => setOpened(null)}
        />
      )}
    </>
  );
}

function isShown(filter: Filter, image: Image): boolean {
  const kind = kindOf(image);
  if (filter === 'open') return kind === 'pending' || kind === 'in-progress';
  return filter === 'all' || kind === filter;
}
