import { useEffect, useRef } from 'preact/hooks';
import { Banners } from './parts/banners';
import { DropTarget } from './parts/drop-target';
import { KeyPrompt } from './parts/key-prompt';
import { ServicePill } from './parts/service-pill';
import { useRoute, type Route } from './router';
import { GalleryView } from './views/gallery-view';
import { JobView } from './views/job-view';
import { UnknownView } from './views/unknown-view';
import { UploadView } from './views/upload-view';

export function App() {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const place = route.view === 'job' ? route.id : route.view;
  const shown = useRef(place);

  // A new view begins at its heading, for eyes, keyboards and screen readers alike.
  useEffect(() => {
    if (shown.current === place) return;
    shown.current = place;
    window.scrollTo(0, 0);
    main.current?.querySelector('h1')?.focus();
  }, [place]);

  return (
    <>
      <a
        class="skip-link"
        href="#main"
        onClick={(event) => {
          // The fragment is the address of the view.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header class="page-header">
        <div class="page-header-inner row page-width">
          <a class="brand" href="#/">
            <svg viewBox="0 0 32 32" aria-hidden="true">
              <rect width="32" height="32" rx="8" />
              <path d="M10 22V10m0 0-4 4m4-4 4 4M17 22l5-6 5 6M23 12h.01" />
            </svg>
            image-relay
          </a>
          <nav aria-label="Views">
            <a href="#/" aria-current={route.view === 'upload' ? 'page' : undefined}>
              Upload
            </a>
            <a href="#/gallery" aria-current={route.view === 'gallery' ? 'page' : undefined}>
              Gallery
            </a>
          </nav>
          <ServicePill />
        </div>
      </header>
      <Banners />
      <KeyPrompt />
      <main id="main" class="page-width" tabIndex={-1} ref={main}>
        <View route={route} />
      </main>
      <DropTarget />
    </>
  );
}

function View({ route }: { route: Route }) {
  if (route.view === 'job') return <JobView key={route.id} id={route.id} />;
  if (route.view === 'gallery') return <GalleryView />;
  return route.view === 'upload' ? <UploadView /> : <UnknownView />;
}
