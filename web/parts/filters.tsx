import type { Image } from '../api';

export const FILTERS = {
  all: 'All',
  open: 'Unfinished',
  complete: 'Uploaded',
  failed: 'Failed',
} as const;
export type Filter = keyof typeof FILTERS;

export function isShown(filter: Filter, { status }: Image): boolean {
  if (filter === 'open') return status === 'pending' || status === 'in-progress';
  return filter === 'all' || status === filter;
}

/** Which images of a job are listed. */
export function Filters({
  counts: { pending, inProgress, complete, failed },
  chosen,
  onChoose,
}: {
  counts: Record<'pending' | 'inProgress' | 'complete' | 'failed', number>;
  chosen: Filter;
  onChoose: (filter: Filter) => void;
}) {
  const open = pending + inProgress;
  const numbers: Record<Filter, number> = { all: open + complete + failed, open, complete, failed };
  // What a job that is over does not have any more is not offered.
  const isOffered = (filter: Filter): boolean => filter !== 'open' || open > 0 || chosen === filter;
  return (
    <div class="filters" role="group" aria-label="Show">
      {(Object.keys(FILTERS) as Filter[]).filter(isOffered).map((filter) => (
        <button
          key={filter}
          type="button"
          aria-pressed={filter === chosen}
          onClick={() => onChoose(filter)}
        >
          {FILTERS[filter]} <span class="number">{numbers[filter].toLocaleString()}</span>
        </button>
      ))}
    </div>
  );
}
