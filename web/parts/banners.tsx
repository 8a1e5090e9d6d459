import { useEffect, useState } from 'preact/hooks';
import { useService } from '../service';
import { clockWords } from '../figures-in-words';

/** What holds everything up, said once for the whole page, and what to do about it. */
export function Banners() {
  const { health, isReachable, refresh } = useService();
  const until = usePause(isReachable ? (health?.pausedUntil ?? null) : null);
  return (
    <div class="banners page-width" role="status">
      {!isReachable && (
        <p class="banner row apart" data-tone="bad">
          <span>
            <strong>The service can’t be reached.</strong> Is it still running? This page tries
            again by itself.
          </span>
          <button type="button" class="button small" onClick={refresh}>
            Try now
          </button>
        </p>
      )}
      {isReachable && health?.status === 'draining' && (
        <p class="banner" data-tone="warn">
          <strong>The service is stopping</strong> and takes no new jobs. A restart forgets the
          jobs, so copy the links that you need.
        </p>
      )}
      {isReachable && health?.status === 'degraded' && (
        <p class="banner" data-tone="warn">
          <strong>The service’s database is away.</strong> What was accepted is kept, and goes on by
          itself once the database is back.
        </p>
      )}
      {until !== null && (
        <p class="banner" data-tone="warn">
          <strong>Imgur asked us to wait until {clockWords(until, new Date())}.</strong> The images
          stay in the queue, and uploads go on by themselves.
        </p>
      )}
    </div>
  );
}

/** The end of a pause as long as it lies ahead. */
function usePause(iso: string | null): Date | null {
  const [now, setNow] = useState(() => Date.now());
  const end = iso === null ? null : Date.parse(iso);
  useEffect(() => {
    setNow(Date.now());
    if (end === null) return;
    // setTimeout fires at once for anything longer than 24.8 days.
    const wait = Math.min(Math.max(0, end - Date.now()) + 50, 2 ** 31 - 1);
    const timer = window.setTimeout(() => setNow(Date.now()), wait);
    return () => window.clearTimeout(timer);
  }, [end]);
  return end !== null && end > now ? new Date(end) : null;
}
