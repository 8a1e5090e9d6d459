import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { useAnnounce } from '../announcer';
import { countWords } from '../figures-in-words';
import { keptJobs } from '../kept-jobs';
import { CopyLinks } from '../parts/copy-links';
import { GrowingList } from '../parts/growing-list';
import { Heading } from '../parts/heading';
import { Lightbox, type Picture } from '../parts/lightbox';
import { Tile } from '../parts/tile';
import { useLinks } from '../use-links';
import { useService } from '../service';
import { useSteady } from '../use-steady';

/** Every link of every job, the newest first. */
export function GalleryView() {
  const { links: latest, problem } = useLinks();
  const { health, isReachable } = useService();
  const isThere = isReachable && health?.status !== 'degraded';
  const announce = useAnnounce();
  const [opened, setOpened] = useState<string | null>(null);
  const open = useCallback((link: string) => setOpened(link), []);
  const [isInside, setIsInside] = useState(false);
  /** How often somebody went back to the beginning. */
  const [returns, setReturns] = useState(0);
  const { shown: links, added, showAll } = useSteady(latest, opened !== null || isInside);
  const news = added > 0 ? `Show ${countWords(added, 'new picture')}` : null;
  useEffect(() => {
    if (news !== null) announce(`${countWords(added, 'new picture')}.`);
  }, [news, added, announce]);
  const toCopy = useMemo(() => (links ?? []).map((link) => ({ link })), [links]);
  const pictures = useMemo(() => (opened === null ? [] : picturesOf(links ?? [])), [opened, links]);

  const count = countWords(links?.length ?? 0, 'picture');
  const state = isThere ? 'the newest first' : 'as they were when the service was there';
  return (
    <section aria-labelledby="gallery-title" class="gallery-view">
      <div class="view-head row apart">
        <div>
          <Heading title="Gallery – image-relay">
            <span id="gallery-title">Gallery</span>
          </Heading>
          <p class="quiet">
            {links ? `${count}, ${state}` : problem === null && 'Loading the links…'}
          </p>
        </div>
        {toCopy.length > 0 && <CopyLinks links={toCopy} />}
      </div>
      {problem !== null && links === null && isThere && <p class="field-problem">{problem}</p>}
      {news !== null && (
        <p class="news">
          <button
            type="button"
            class="button primary"
            onClick={() => {
              showAll();
              setReturns(returns + 1);
              setIsInside(false);
              scrollTo(0, 0);
              document.querySelector('h1')?.focus();
            }}
          >
            {news}
          </button>
        </p>
      )}
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
        <GrowingList
          total={links.length}
          subject={`gallery ${returns}`}
          noun="pictures"
          onTurn={(from) => setIsInside(from > 0)}
        >
          {(from, to) => (
            <ul class="gallery">
              {links.slice(from, to).map((link, at) => {
                const number = links.length - from - at;
                return <Tile key={number} link={link} number={number} onOpen={open} />;
              })}
            </ul>
          )}
        </GrowingList>
      )}
      {opened !== null && (
        <Lightbox
          pictures={pictures}
          isFirst={({ link }) => link === opened}
          onClose={() => setOpened(null)}
        />
      )}
    </section>
  );
}

/** With their sources, as far as this browser knows them. */
function picturesOf(links: readonly string[]): Picture[] {
  const images = keptJobs.all().flatMap((job) => job.images);
  const sources = new Map(images.map(({ link, url }) => [link, url]));
  return links.map((link) => ({ link, url: sources.get(link) }));
}
