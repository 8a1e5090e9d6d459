import { readSecretFile } from './secret-file';

export const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads one environment and collects what is wrong with it, so that all is told at once. */
export function environmentReader(env: Environment) {
  const problems: string[] = [];
  // An empty variable counts as unset: `docker compose` passes on unset ones that way.
  const read = (name: string): string | null => env[name]?.trim() || null;
  /** A setting, or what the file holds that its other form names. */
  const readSecret = (name: string): string | null => {
    const text = read(name);
    const file = read(`${name}_FILE`);
    if (file === null) return text;
    if (text !== null) {
      problems.push(`Expected one of ${name} and ${name}_FILE to be set, got both`);
      return text;
    }
    const { secret, problem } = readSecretFile(file);
    if (problem !== null) problems.push(`Expected ${name}_FILE to name a file ${problem}`);
    return secret;
  };
  const expected = (name: string, what: string, given: string): void => {
    problems.push(`Expected ${name} to be ${what}, got ${given}`);
  };

  return {
    problems,
    read,
    readSecret,

    integer: (name: string, fallback: number, min: number, max: number): number => {
      const text = read(name);
      if (text === null) return fallback;
      const value = /^\d+$/.test(text) ? Number(text) : NaN;
      if (value >= min && value <= max) return value;
      expected(name, `a whole number from ${min} to ${max}`, JSON.stringify(text));
      return fallback;
    },

    secret: (name: string): string | null => {
      const text = readSecret(name);
      if (text === null || VISIBLE_ASCII.test(text)) return text;
      expected(name, 'visible ASCII without blanks', `${text.length} characters with others`);
      return null;
    },

    list: <T>(name: string, what: string, parse: (item: string) => T | null): T[] => {
      const values: T[] = [];
      for (const part of (read(name) ?? '').split(',')) {
        const item = part.trim();
        if (item === '') continue;
        const value = parse(item);
        // A URL may have credentials before its `@`.
        if (value === null)
          expected(name, what, item.includes('@') ? 'one with an @' : JSON.stringify(item));
        else values.push(value);
      }
      return values;
    },

    httpUrl: (name: string): string | null => {
      const text = read(name);
      if (text === null) return null;
      const url = URL.canParse(text) ? new URL(text) : null;
      const hasMore = url && (url.username || url.password || url.search || url.hash);
      if (url && /^https?:$/.test(url.protocol) && !hasMore) return url.href.replace(/\/+$/, '');
      // The text is not repeated: a URL that is refused for its credentials would show them.
      expected(name, 'an http(s) URL without credentials, query or fragment', 'something else');
      return null;
    },

    oneOf: <T extends string>(name: string, values: readonly T[], fallback: T): T => {
      const text = read(name);
      if (text === null) return fallback;
      const value = values.find((candidate) => candidate === text);
      if (value !== undefined) return value;
      expected(name, `one of ${values.join(', ')}`, JSON.stringify(text));
      return fallback;
    },
  };
}
