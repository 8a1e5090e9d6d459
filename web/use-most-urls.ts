import { useEffect, useState } from 'preact/hooks';
import { api } from './api';

/** Below this many it is not worth a question. */
const MANY = 100;

/** How many URLs one job takes; null while nobody asked for many, or it is not known. */
export function useMostUrls(count: number): number | null {
  const [most, setMost] = useState<number | null>(null);
  const isAsked = count > MANY && most === null;
  useEffect(() => {
    if (!isAsked) return;
    // Where it stays unknown, the service says itself what is too much.
    api.mostUrls().then(setMost, () => undefined);
  }, [isAsked]);
  return most;
}
