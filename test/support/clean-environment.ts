import { settingNames } from '../../lib/setting-names';

/** What steers a start besides the settings of the service. */
const STEERING = /^(?:NODE_OPTIONS|(?:SLS|IMAGE_RELAY|npm)_\w+)$/;

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
