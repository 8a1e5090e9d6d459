import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** A button for what cannot be undone: asks once whether it is meant. */
export function AskButton({
  label,
  yes,
  no,
  isActing,
  onYes,
}: {
  label: string;
  /** What it does, and how to leave it. */
  yes: string;
  no: string;
  isActing: boolean;
  onYes: () => void;
}) {
  const [isAsking, setIsAsking] = useState(false);
  const first = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(false);
  useLayoutEffect(() => {
    // The button that had the focus has gone.
    if (wasAsking.current !== isAsking) first.current?.focus();
    wasAsking.current = isAsking;
  }, [isAsking]);
  if (!isAsking) {
    return (
      <button
        key="ask"
        ref={first}
        type="button"
        class="button small"
        onClick={() => setIsAsking(true)}
      >
        {label}
      </button>
    );
  }
  return (
    <>
      <button
        key="yes"
        ref={first}
        type="button"
        class="button small strong"
        aria-disabled={isActing}
        onClick={onYes}
      >
        {yes}
      </button>
      <button key="no" type="button" class="button small" onClick={() => setIsAsking(false)}>
        {no}
      </button>
    </>
  );
}
