import { useEffect, useState } from 'preact/hooks';

/** How far somebody may have scrolled and still be at the beginning. */
const AT_TOP = 40;

/**
 * A list that grows at its beginning, as it was until somebody asks for the rest: what is looked at
 * does not move. At the top of the page new ones are shown at once.
 *
 * @param isHeld whether it may not change in any case.
 */
export function useSteady(latest: readonly string[] | null, isHeld: boolean) {
  const [shown, setShown] = useState(latest);
  const first = shown?.[0];
  // Where the first is not there any more, the service has begun anew.
  const added = first === undefined ? 0 : Math.max(0, latest?.indexOf(first) ?? 0);
  const mayMove = added === 0 || (scrollY <= AT_TOP && !isHeld);
  useEffect(() => {
    if (mayMove) setShown(latest);
  }, [latest, mayMove]);
  return { shown, added: mayMove ? 0 : added, showAll: () => setShown(latest) };
}
