import { render } from 'preact';
import { Announcer } from './announcer';
import { App } from './app';
import { ServiceProvider } from './service';

// A file that misses the field would otherwise be opened in place of the page.
for (const name of ['dragover', 'drop'] as const) {
  window.addEventListener(name, (event) => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  });
}

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
