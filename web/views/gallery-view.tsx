import { useState } from 'preact/hooks';
import { api } from '../api';
import { countWords } from '../figures-in-words';
import { isOpenable } from '../link-formats';
import { memo } from '../memo';
import { CopyLinks } from '../parts/copy-links';
import { GrowingList } from '../parts/growing-list';
import { Heading } from '../parts/heading';
import { Thumbnail } from '../parts/thumbnail';
import { useService } from '../service';
import { usePolling } from '../use-polling';

const BUSY_MS = 3000;
const IDLE_MS = 15_000;

/** Every link of every job, the newest first. */
export function GalleryView() {
  const { health, round, notice } = useService();
  const [links, setLinks] = useState<readonly string[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const isBusy = health !== null && (health.pending ?? 0) + (health.inFlight ?? 0) > 0;

  usePolling({
    // When the work begins or ends, there may be news at once.
    key: `${round} ${isBusy}`,
    interval: isBusy ? BUSY_MS : IDLE_MS,
    ask: api.links,
    use: (all) => {
      const newest = all.reverse();
      setLinks((old) => (old && isSame(old, newest) ? old : newest));
      setProblem(null);
    },
    fail: (error) => setProblem(notice(error).problem),
  });

  const count = countWords(links?.length ?? 0, 'picture');
  return (
    <section aria-labelledby="gallery-title">
      <div class="view-head row apart">
        <div>
          <Heading title="Gallery – image-relay">
            <span id="gallery-title">Gallery</span>
          </Heading>
          <p class="quiet">
            {links ? `${count}, the newest first` : problem === null && 'Loading the links…'}
          </p>
        </div>
        {links !== null && links.length > 0 && <CopyLinks links={links} />}
      </div>
      {problem !== null && links === null && <p class="field-problem">{problem}</p>}
      {links?.length === 0 && (
        <div class="empty card">
          <h2>No pictures yet</h2>
          <p>
            What you <a href="#/">upload</a> appears here. The service keeps links in memory, so a
            restart empties this page; the pictures at Imgur stay.
          </p>
        </div>
      )}
      {links !== null && links.length > 0 && (
        <GrowingList total={links.length} subject="gallery" noun="pictures">
          {(shown) => (
            <ul class="gallery">
              {links.slice(0, shown).map((link, at) => (
                <Tile key={links.length - at} link={link} number={links.length - at} />
              ))}
            </ul>
          )}
        </GrowingList>
      )}
    </section>
  );
}

const Tile = memo(function Tile({ link, number }: { link: string; number: number }) {
  const name = link.slice(link.lastIndexOf('/') + 1);
  const picture = <Thumbnail link={link} alt={`Picture ${number}: ${name}`} />;
  return (
    <li class="tile">
      {isOpenable(link) ? (
        <a href={link} target="_blank" rel="noreferrer" title={link}>
          {picture}
        </a>
      ) : (
        picture
      )}
    </li>
  );
});

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a[0] === b[0] && a.at(-1) === b.at(-1);
}
