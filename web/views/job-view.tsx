import { useMemo, useRef, useState } from 'preact/hooks';
import { useAnnounce } from '../announcer';
import { api, ApiError, isUnauthorized, messageOf, type Image } from '../api';
import { countsOf, isDone, kept, type JobState } from '../job-state';
import { headline, leftLine, timesLine } from '../job-words';
import { CopyLinks } from '../parts/copy-links';
import { FILTERS, Filters, isShown, type Filter } from '../parts/filters';
import { GrowingList } from '../parts/growing-list';
import { Heading } from '../parts/heading';
import { ImageRow } from '../parts/image-row';
import { ProgressBar } from '../parts/progress-bar';
import { jobAddress } from '../router';
import { useService } from '../service';
import { addSample, type ProgressSample } from '../time-left';
import { useMilestones } from '../use-milestones';
import { usePolling } from '../use-polling';

const BUSY_MS = 1000;
const AWAY_MS = 4000;

/** One job: how far it is, each of its images, and what can be done with it. */
export function JobView({ id }: { id: string }) {
  const { health, round, refresh, notice } = useService();
  const announce = useAnnounce();
  const [job, setJob] = useState<JobState | null>(null);
  const [isUnknown, setIsUnknown] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [samples, setSamples] = useState<readonly ProgressSample[]>([]);
  const [filter, setFilter] = useState<Filter>('all');
  const [isActing, setIsActing] = useState(false);
  const heading = useRef<HTMLDivElement>(null);

  usePolling(async (signal) => {
    try {
      let images = await api.images(id);
      // The rest is asked for when it is new: at first, and when all is done.
      const times = job && !images.every(isDone) ? job.times : await api.job(id);
      // The job can end between the two answers, and nothing is asked after its end.
      if (times.status === 'complete' && !images.every(isDone)) images = await api.images(id);
      if (signal.aborted) return null;
      setJob((old) => ({ times, images: kept(old?.images, images) }));
      const done = images.filter(isDone).length;
      setSamples((old) => addSample(old, { at: performance.now(), done }));
      setProblem(null);
      return times.status === 'complete' ? null : BUSY_MS;
    } catch (error) {
      if (signal.aborted) return null;
      notice(error);
      if (error instanceof ApiError && error.status === 404) {
        setIsUnknown(true);
        return null;
      }
      setProblem(isUnauthorized(error) ? null : messageOf(error));
      return AWAY_MS;
    }
  }, `${id} ${round}`);

  const images = job?.images ?? NONE;
  const counts = useMemo(() => countsOf(images), [images]);
  const links = useMemo(() => images.flatMap(({ link }) => link ?? []), [images]);
  const shown = useMemo(() => images.filter((image) => isShown(filter, image)), [images, filter]);
  const isComplete = job?.times.status === 'complete';
  useMilestones(job, counts);

  const act = async (what: () => Promise<void>): Promise<void> => {
    if (isActing) return;
    setIsActing(true);
    try {
      await what();
      setProblem(null);
    } catch (error) {
      notice(error, 'asked');
      setProblem(messageOf(error));
    } finally {
      setIsActing(false);
    }
    refresh();
  };
  const cancel = () =>
    act(async () => {
      await api.cancel(id);
      announce('The job was cancelled.');
      // Its button is about to go.
      heading.current?.querySelector('h1')?.focus();
    });
  const retry = () =>
    act(async () => {
      const next = await api.retry(id);
      announce('A new job tries the failed images again.');
      location.hash = jobAddress(next);
    });

  if (isUnknown) return <UnknownJob />;
  const total = images.length;
  const done = counts.complete + counts.failed;
  const percent = total === 0 ? 0 : Math.floor((100 * done) / total);
  const title = job === null || isComplete ? 'Job' : `${percent}% – Job`;
  return (
    <article aria-label="Job">
      <p class="crumb">
        <a href="#/">Upload</a> <span aria-hidden="true">/</span> <code>{id.slice(0, 8)}</code>
      </p>
      <div class="view-head" ref={heading}>
        <div>
          <Heading title={`${title} ${id.slice(0, 8)} – image-relay`}>
            {headline(job, counts)}
          </Heading>
          <p class="quiet">{job ? timesLine(job.times) : problem === null && 'Loading the job…'}</p>
        </div>
        {job !== null && (
          <div class="actions">
            {!isComplete && (
              <button
                type="button"
                class="button danger"
                aria-disabled={isActing}
                onClick={() => void cancel()}
              >
                Cancel job
              </button>
            )}
            {isComplete && counts.failed > 0 && (
              <button
                type="button"
                class="button primary"
                aria-disabled={isActing}
                onClick={() => void retry()}
              >
                Retry {counts.failed.toLocaleString()} failed
              </button>
            )}
          </div>
        )}
      </div>
      {problem !== null && (
        <p class="trouble" role="alert">
          {problem}
        </p>
      )}
      {job !== null && (
        <>
          <div class="card progress-card">
            <ProgressBar counts={counts} label="Progress of this job" />
            <div class="progress-line">
              <dl class="counts">
                <Count name="Uploaded" kind="complete" count={counts.complete} />
                <Count name="Failed" kind="failed" count={counts.failed} />
                {!isComplete && (
                  <>
                    <Count name="Under way" kind="in-progress" count={counts.inProgress} />
                    <Count name="Waiting" kind="pending" count={counts.pending} />
                  </>
                )}
              </dl>
              {!isComplete && (
                <p class="quiet">{leftLine(samples, total, health?.pausedUntil ?? null)}</p>
              )}
            </div>
          </div>
          <div class="toolbar">
            <Filters counts={counts} chosen={filter} onChoose={setFilter} />
            <CopyLinks links={links} />
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
      )}
    </article>
  );
}

const NONE: readonly Image[] = [];

function UnknownJob() {
  return (
    <section class="empty">
      <Heading title="Unknown job – image-relay">There is no such job</Heading>
      <p>
        The service keeps jobs in memory: a restart forgets them, and the oldest make room for new
        ones. <a href="#/">Start a new job</a> or look at <a href="#/gallery">the gallery</a>.
      </p>
    </section>
  );
}

function Count({ name, kind, count }: { name: string; kind: string; count: number }) {
  return (
    <div data-kind={kind}>
      <dt>{name}</dt>
      <dd class="number">{count.toLocaleString()}</dd>
    </div>
  );
}
