import { useState } from 'preact/hooks';
import { useAnnounce } from '../announcer';
import { copyText } from '../copy-text';

const SHOWN_MS = 2000;

/** Copies a text, and says so without taking more room. */
export function CopyButton({
  text,
  label,
  name,
  said,
  look = 'button small',
  isDisabled = false,
}: {
  text: () => string;
  label: string;
  /** What screen readers call it, where the label alone says too little. */
  name?: string;
  /** What is announced once it is copied. */
  said: string;
  look?: string;
  isDisabled?: boolean;
}) {
  const announce = useAnnounce();
  const [isCopied, setIsCopied] = useState(false);
  const copy = async (): Promise<void> => {
    const isDone = await copyText(text());
    announce(isDone ? said : 'The browser did not allow copying.');
    if (!isDone) return;
    setIsCopied(true);
    window.setTimeout(() => setIsCopied(false), SHOWN_MS);
  };
  return (
    <button
      type="button"
      class={`${look} copy`}
      aria-label={name}
      disabled={isDisabled}
      onClick={() => void copy()}
    >
      {/* Both words lie in one place, as wide as the longer. */}
      <span data-shown={!isCopied}>{label}</span>
      <span data-shown={isCopied} aria-hidden="true">
        Copied
      </span>
    </button>
  );
}
