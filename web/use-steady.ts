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
  // Where fewer are left, the service has begun anew.
  const added = latest !== null && shown !== null ? latest.length - shown.length : 0;
  const mayMove = shown === null || added <= 0 || (scrollY <= AT_TOP && !isHeld);
  useEffect(() => {
    if (mayMove) setShown(latest);
  }, [latest, mayMove]);
  return { shown, added: mayMove ? 0 : added, showAll: () => setShown(latest) };
}
