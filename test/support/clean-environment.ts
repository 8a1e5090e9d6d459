import { loadConfig } from '../../lib/config';

/** What steers a start besides the settings of the service. */
const STEERING = /^(?:NODE_OPTIONS|(?:SLS|IMAGE_RELAY|npm)_\w+)$/;

/** The variables that the configuration reads, by its own word: each that it asks for is noted. */
export function settingNames(): string[] {
  const names = new Set<string>();
  loadConfig(new Proxy({}, { get: (_none, name) => void names.add(String(name)) }));
  return [...names];
}

/**
 * The environment of this process without what would set the service up, and with no `.env` to be
 * read: whoever has a credential at hand must not upload test pictures under it.
 */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const settings = new Set(settingNames());
  const kept = Object.entries(process.env).filter(
    ([name]) => !settings.has(name) && !STEERING.test(name),
  );
  return { ...Object.fromEntries(kept), IMAGE_RELAY_ENV_FILE: '' };
}
