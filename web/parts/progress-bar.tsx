import type { Counts } from '../job-state';

/** Complete, failed and under way as parts of one bar. */
export function ProgressBar({ counts, label }: { counts: Counts; label: string }) {
  const { pending, inProgress, complete, failed, cancelled, deleted } = counts;
  const done = complete + failed + cancelled + deleted;
  const total = Math.max(1, pending + inProgress + done);
  const part = (kind: string, count: number) =>
    count > 0 && (
      <span key={kind} data-kind={kind} style={{ width: `${(100 * count) / total}%` }} />
    );
  return (
    <div
      class="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      aria-valuetext={`${done} of ${total} done, ${failed} failed`}
    >
      {part('complete', complete)}
      {part('failed', failed)}
      {part('cancelled', cancelled)}
      {part('in-progress', inProgress)}
    </div>
  );
}
