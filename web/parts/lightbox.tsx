import { useEffect, useRef, useState } from 'preact/hooks';
import { byteWords, convertedWords } from '../figures-in-words';
import { isOpenable } from '../link-formats';
import { useDeletion } from '../use-deletion';
import { Address } from './address';
import { AskButton } from './ask-button';
import { CopyButton } from './copy-button';
import { StillPicture } from './still-picture';

export interface Picture {
  readonly link: string;
  /** Where it came from, if that is known. */
  readonly url?: string | undefined;
  readonly bytes?: number | null;
  readonly type?: string | null;
  /** What its source sent. */
  readonly sourceType?: string | null;
}

/** One picture as large as there is room, what is known of it, and those beside it. */
export function Lightbox<P extends Picture>({
  pictures,
  isFirst,
  canDelete = true,
  onClose,
}: {
  pictures: readonly P[];
  /** Which one to begin with. */
  isFirst: (picture: P) => boolean;
  /** Whether the service is there to delete one. */
  canDelete?: boolean;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isGone = useRef(false);
  // By its link, as others may come before it.
  const [link, setLink] = useState(() => pictures.find(isFirst)?.link);
  const { isActing, refusal, remove } = useDeletion();
  const [size, setSize] = useState<{ of: string; words: string } | null>(null);
  const at = pictures.findIndex((each) => each.link === link);
  const picture = pictures[at];
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      // What opened it goes with a picture that is deleted.
      const next = isGone.current ? document.querySelector('h1') : opener;
      if (next instanceof HTMLElement) next.focus();
    };
  }, []);
  if (!picture) return null;

  const go = (step: number): void => setLink((pictures[at + step] ?? picture).link);
  const { bytes = null, type = null, url } = picture;
  const removeIt = async (): Promise<void> => {
    if (!(await remove(picture.link))) return;
    isGone.current = true;
    dialog.current?.close();
  };
  const facts = [
    size !== null && size.of === link && size.words,
    bytes !== null && byteWords(bytes),
    type,
    convertedWords(picture),
  ];
  return (
    <dialog
      ref={dialog}
      class="lightbox"
      aria-label={`Picture ${at + 1} of ${pictures.length}`}
      onClose={onClose}
      onClick={({ target }) => {
        if (target === dialog.current) dialog.current?.close();
      }}
      onKeyDown={({ key }) => {
        if (key === 'ArrowLeft') go(-1);
        if (key === 'ArrowRight') go(1);
      }}
    >
      <div class="lightbox-picture">
        {isOpenable(picture.link) && (
          <StillPicture
            key={picture.link}
            src={picture.link}
            alt={url ?? picture.link}
            onSize={(width, height) => setSize({ of: picture.link, words: `${width} × ${height}` })}
          />
        )}
      </div>
      <div class="lightbox-text">
        <a href={picture.link} target="_blank" rel="noreferrer">
          <Address text={picture.link} />
        </a>
        {url !== undefined && (
          <p class="quiet">
            <Address text={url} />
          </p>
        )}
        <p class="quiet">{facts.filter(Boolean).join(' · ')}</p>
        {refusal !== null && (
          <p class="field-problem" role="alert">
            {refusal}
          </p>
        )}
      </div>
      <div class="row actions">
        <CopyButton text={() => picture.link} label="Copy link" said="Copied the link." />
        {canDelete && (
          <AskButton
            key={picture.link}
            label="Delete"
            yes="Delete at Imgur for good"
            no="Keep it"
            isActing={isActing}
            onYes={() => void removeIt()}
          />
        )}
        <button type="button" class="button small" disabled={at === 0} onClick={() => go(-1)}>
          Previous
        </button>
        <button
          type="button"
          class="button small"
          disabled={at === pictures.length - 1}
          onClick={() => go(1)}
        >
          Next
        </button>
        <button type="button" class="button small" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}
