import { loadConfig } from './config';

/** The variables that the configuration reads, by its own word: each that it asks for is noted. */
export function settingNames(): string[] {
  const names = new Set<string>();
  const noted = { get: (_none: object, name: string | symbol) => void names.add(String(name)) };
  loadConfig(new Proxy({}, noted));
  return [...names];
}
