import type { FailureGroup } from '../failure-words';

/** How many failed for which reason; each shows those alone. */
export function FailureGroups({
  groups,
  chosen,
  onChoose,
}: {
  groups: readonly FailureGroup[];
  chosen: string | null;
  onChoose: (reason: string | null) => void;
}) {
  if (groups.length === 0) return null;
  return (
    <div class="reasons row" role="group" aria-label="Why images failed">
      {groups.map(({ reason, count }) => (
        <button
          key={reason}
          type="button"
          aria-pressed={chosen === reason}
          onClick={() => onChoose(chosen === reason ? null : reason)}
        >
          {count.toLocaleString()} × {reason}
        </button>
      ))}
    </div>
  );
}
