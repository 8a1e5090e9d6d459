interface Counts {
  readonly pending: number;
  readonly inProgress: number;
  readonly complete: number;
  readonly failed: number;
}

export function totalOf({ pending, inProgress, complete, failed }: Counts): number {
  return pending + inProgress + complete + failed;
}

/** Complete, failed and under way as parts of one bar. */
export function ProgressBar({ counts, label }: { counts: Counts; label: string }) {
  const total = Math.max(1, totalOf(counts));
  const done = counts.complete + counts.failed;
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
      aria-valuetext={`${done} of ${total} done, ${counts.failed} failed`}
    >
      {part('complete', counts.complete)}
      {part('failed', counts.failed)}
      {part('in-progress', counts.inProgress)}
    </div>
  );
}
