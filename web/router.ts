import { useEffect, useState } from 'preact/hooks';

export type Route =
  | { readonly view: 'upload' | 'gallery' | 'unknown' }
  | { readonly view: 'job'; readonly id: string };

/** Addresses live in the fragment, so that the service needs to know one page only. */
export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#/, '').replace(/\/+$/, '');
  if (path === '') return { view: 'upload' };
  if (path === '/gallery') return { view: 'gallery' };
  const id = /^\/jobs\/([\w-]{1,100})$/.exec(path)?.[1];
  return id === undefined ? { view: 'unknown' } : { view: 'job', id };
}

export const jobAddress = (id: string): string => `#/jobs/${id}`;

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const onChange = (): void => setHash(location.hash);
    window.addEventListener('hashchange', onChange);
    // It may have changed since this was drawn, and no event tells of that again.
    onChange();
    return () => window.removeEventListener('hashchange', onChange);
  }, []);
  return parseRoute(hash);
}
