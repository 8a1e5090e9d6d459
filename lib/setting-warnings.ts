import ipaddr from 'ipaddr.js';
import type { Config } from './config';
import { editDistance } from './edit-distance';
import type { Environment } from './environment-reader';
import { settingNames } from './setting-names';

/** Variables that begin like this can only be meant for this service. */
const OUR_PREFIX = 'IMGUR_';
/** Words that are shorter are too like those of other programs: HOST and HOSTS, PORT and POST. */
const SHORTEST_NAME = 7;
/** How many letters of a misspelt name may differ, like a missing `_MS`; fewer for short names. */
const MOST_LETTERS = 3;

/** Settings that are valid but hardly meant, as sentences. No value of a variable is repeated. */
export function settingWarnings(config: Config, env: Environment): string[] {
  return [
    ...(config.apiKeys.length === 0 && !isLoopback(config.host)
      ? [
          `API_KEYS is not set and the service listens on ${config.host}: whoever reaches that address may call it`,
        ]
      : []),
    ...lonelySecrets(config),
    ...(config.embeddedImgurDir !== null && config.imgurApiUrl !== null
      ? ['EMBEDDED_IMGUR_DIR is of no use: pictures go to another Imgur than the embedded one']
      : []),
    ...misspelt(env),
  ];
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return (
    bare === 'localhost' || (ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'loopback')
  );
}

/** Secrets that do nothing, because what they belong to is missing. */
function lonelySecrets({ imgurClientId, imgurClientSecret, imgurRefreshToken }: Config): string[] {
  if (imgurClientSecret === null || imgurRefreshToken !== null) return [];
  const missing = ['IMGUR_REFRESH_TOKEN', ...(imgurClientId === null ? ['IMGUR_CLIENT_ID'] : [])];
  return [`IMGUR_CLIENT_SECRET is of no use without ${missing.join(' and ')}`];
}

function misspelt(env: Environment): string[] {
  const known = settingNames();
  return Object.keys(env).flatMap((name) => {
    if (known.includes(name) || !env[name]?.trim()) return [];
    const nearest = nearestOf(name.toUpperCase(), known);
    if (nearest === null && !name.toUpperCase().startsWith(OUR_PREFIX)) return [];
    return [`${name} is no setting${nearest === null ? '' : `: is ${nearest} meant?`}`];
  });
}

function nearestOf(name: string, known: readonly string[]): string | null {
  let nearest: string | null = null;
  let least = Infinity;
  for (const each of known) {
    if (each.length < SHORTEST_NAME || Math.abs(each.length - name.length) > MOST_LETTERS) continue;
    const distance = editDistance(name, each);
    if (distance > Math.min(MOST_LETTERS, each.length / 4) || distance >= least) continue;
    nearest = each;
    least = distance;
  }
  return nearest;
}
