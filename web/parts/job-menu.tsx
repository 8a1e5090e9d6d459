import { useEffect, useRef, useState } from 'preact/hooks';
import { imagesCsv } from '../../lib/http/csv';
import { countWords } from '../figures-in-words';
import { isOver, type JobState } from '../job-state';
import { mayNotify, wantsNotice } from '../notice';
import { resultsAsJson } from '../results';
import { jobAddress } from '../router';
import { saveAs } from '../save-as';
import { CopyButton } from './copy-button';

/** What is wanted more rarely of a job: files of its results, its own link, a notification. */
export function JobMenu({
  id,
  job,
  isActing,
  onAlbum,
}: {
  id: string;
  job: JobState;
  isActing: boolean;
  /** Null where there is nothing to make an album of, or there is one. */
  onAlbum: (() => void) | null;
}) {
  const menu = useRef<HTMLDetailsElement>(null);
  const { images, counts } = job;
  const failed = images.filter(({ status }) => status === 'failed').map(({ url }) => url);
  const name = `image-relay-${id.slice(0, 8)}`;

  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const close = (): void => menu.current?.removeAttribute('open');
    document.addEventListener(
      'click',
      ({ target }) => {
        if (!(target instanceof Node && menu.current?.contains(target))) close();
      },
      { signal },
    );
    menu.current?.addEventListener(
      'keydown',
      ({ key }) => {
        if (key !== 'Escape') return;
        close();
        menu.current?.querySelector('summary')?.focus();
      },
      { signal },
    );
    return () => stop.abort();
  }, []);

  return (
    <details class="menu" ref={menu}>
      <summary class="button small">More</summary>
      <div>
        {onAlbum && (
          <button
            type="button"
            class="button small"
            aria-disabled={isActing}
            onClick={() => {
              menu.current?.removeAttribute('open');
              onAlbum();
            }}
          >
            Make an album of {counts.complete === 1 ? 'it' : 'them'}
          </button>
        )}
        {failed.length > 0 && (
          <CopyButton
            text={() => failed.join('\n')}
            label={`Copy the ${failed.length === 1 ? 'failed URL' : `${failed.length} failed URLs`}`}
            said={`Copied ${countWords(failed.length, 'failed URL')}.`}
          />
        )}
        <button
          type="button"
          class="button small"
          onClick={() => saveAs(`${name}.csv`, 'text/csv', imagesCsv({ images }))}
        >
          Download as CSV
        </button>
        <button
          type="button"
          class="button small"
          onClick={() => saveAs(`${name}.json`, 'application/json', resultsAsJson(images))}
        >
          Download as JSON
        </button>
        <CopyButton
          text={() => location.href.replace(/#.*|$/, jobAddress(id))}
          label="Copy the link to this job"
          said="Copied the link to this job."
        />
        {!isOver(job) && counts.pending + counts.inProgress > 0 && <NoticeButton />}
      </div>
    </details>
  );
}

function NoticeButton() {
  const [isWanted, setIsWanted] = useState(wantsNotice.get);
  if (!mayNotify()) return null;
  const toggle = async (): Promise<void> => {
    const isGranted = (await Notification.requestPermission()) === 'granted';
    wantsNotice.set(isGranted && !isWanted);
    setIsWanted(wantsNotice.get());
  };
  return (
    <button
      type="button"
      class="button small"
      aria-pressed={isWanted}
      onClick={() => void toggle()}
    >
      {isWanted ? '✓ ' : ''}Notify me when it is done
    </button>
  );
}
