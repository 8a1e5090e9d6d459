import { useState } from 'preact/hooks';
import type { Image } from '../api';
import type { JobState } from '../job-state';
import { CopyLinks } from './copy-links';
import { GrowingList } from './growing-list';
import { ImageRow } from './image-row';

const FILTERS = { all: 'All', open: 'Unfinished', complete: 'Uploaded', failed: 'Failed' } as const;
type Filter = keyof typeof FILTERS;

/** Which images of a job are listed, and the list. */
export function JobImages({ job: { images, counts } }: { job: JobState }) {
  const [filter, setFilter] = useState<Filter>('all');
  const shown = images.filter((image) => isShown(filter, image));
  const open = counts.pending + counts.inProgress;
  const numbers: Record<Filter, number> = { ...counts, all: images.length, open };
  // What a job that is over does not have any more is not offered.
  const isOffered = (each: Filter): boolean => each !== 'open' || open > 0 || filter === each;
  return (
    <>
      <div class="toolbar row apart">
        <div class="filters row" role="group" aria-label="Show">
          {(Object.keys(FILTERS) as Filter[]).filter(isOffered).map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === filter}
              onClick={() => setFilter(each)}
            >
              {FILTERS[each]} <span class="number">{numbers[each].toLocaleString()}</span>
            </button>
          ))}
        </div>
        <CopyLinks
          links={images.flatMap(({ link, url }) => (link === null ? [] : { link, url }))}
        />
      </div>
      {shown.length === 0 && (
        <p class="empty card quiet">
          No image of this job is {FILTERS[filter].toLowerCase()}.{' '}
          <button type="button" class="link" onClick={() => setFilter('all')}>
            Show all
          </button>
        </p>
      )}
      <GrowingList total={shown.length} subject={filter} noun="images">
        {(count) => (
          <ul class="images" aria-label="Images">
            {shown.slice(0, count).map((image) => (
              <ImageRow key={image.url} image={image} />
            ))}
          </ul>
        )}
      </GrowingList>
    </>
  );
}

function isShown(filter: Filter, { status }: Image): boolean {
  if (filter === 'open') return status === 'pending' || status === 'in-progress';
  return filter === 'all' || status === filter;
}
