import { render } from 'preact';
import { Announcer } from './announcer';
import { App } from './app';
import { keptJobs } from './kept-jobs';
import { ServiceProvider } from './service';

// Another tab may have kept another job.
window.addEventListener('storage', () => keptJobs.reload());

const root = document.getElementById('app');
if (root) {
  root.replaceChildren();
  render(
    <Announcer>
      <ServiceProvider>
        <App />
      </ServiceProvider>
    </Announcer>,
    root,
  );
}
