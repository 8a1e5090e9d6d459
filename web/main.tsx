import { render } from 'preact';
import { Announcer } from './announcer';
import { App } from './app';
import { ServiceProvider } from './service';

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
