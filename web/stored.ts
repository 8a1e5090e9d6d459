type Place = 'localStorage' | 'sessionStorage';

/** What the browser keeps under a name, as JSON; null where there is none or storage is forbidden. */
export function readStored(place: Place, name: string): unknown {
  try {
    return JSON.parse(globalThis[place].getItem(name) ?? 'null') as unknown;
  } catch {
    return null;
  }
}

/** @returns whether there was room, and storage is allowed. */
export function writeStored(place: Place, name: string, value: unknown): boolean {
  try {
    globalThis[place].setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
