import type { Image } from '../api';
import { reasonWords } from '../failure-words';
import { byteWords, convertedWords, durationWords } from '../figures-in-words';
import { kindOf, linkOf, type ImageKind } from '../job-state';
import { fileName } from '../kept-jobs';
import { isOpenable } from '../link-formats';
import { memo } from '../memo';
import { Address } from './address';
import { CopyButton } from './copy-button';
import { Thumbnail } from './thumbnail';

const STATES: Record<ImageKind, string> = {
  pending: 'Waiting',
  'in-progress': 'Under way',
  complete: 'Uploaded',
  failed: 'Failed',
  cancelled: 'Cancelled',
  deleted: 'Deleted',
};

/** One image of a job: its link or the reason in words, where it comes from, and how it is. */
export const ImageRow = memo(function ImageRow({
  image,
  onOpen,
}: {
  image: Image;
  onOpen: (url: string) => void;
}) {
  const { url } = image;
  const link = linkOf(image);
  const kind = kindOf(image);
  const name = fileName(url);
  return (
    <li class="image" data-kind={kind}>
      {link === null ? (
        <span class="thumbnail" aria-hidden="true">
          {kind === 'failed' && '✕'}
        </span>
      ) : (
        <button
          type="button"
          class="thumbnail-button"
          aria-label={`Look at ${name}`}
          onClick={() => onOpen(url)}
        >
          <Thumbnail link={link} alt="" />
        </button>
      )}
      <div class="image-text">
        {link !== null &&
          (isOpenable(link) ? (
            <a class="image-link" href={link} target="_blank" rel="noreferrer">
              <Address text={link} />
            </a>
          ) : (
            <span class="image-link">
              <Address text={link} />
            </span>
          ))}
        <p class="image-source" title={url}>
          <Address text={url} />
        </p>
        <Reason image={image} kind={kind} />
      </div>
      <div class="image-state row">
        <span class="quiet number image-facts">{factsOf(image)}</span>
        <span class="badge" data-kind={kind}>
          {STATES[kind]}
        </span>
      </div>
      <CopyButton
        text={() => link ?? url}
        label="Copy"
        name={`Copy the ${link === null ? 'source' : 'link'} of ${name}`}
        said={link === null ? 'Copied the source.' : 'Copied the link.'}
        look="button small plain"
      />
    </li>
  );
});

function Reason({ image: { error, attempts }, kind }: { image: Image; kind: ImageKind }) {
  if (kind === 'pending' && attempts > 0) {
    const tries = attempts === 1 ? 'The first try' : `${attempts} tries`;
    return <p class="quiet">{tries} failed; the next one follows by itself.</p>;
  }
  if (error === null || kind === 'cancelled') return null;
  return (
    <p class="image-reason" title={error.code}>
      {reasonWords(error)}
    </p>
  );
}

function factsOf(image: Image): string {
  const { attempts, bytes, durationMs, status } = image;
  const facts = [
    convertedWords(image),
    attempts > 1 && `${attempts} tries`,
    bytes !== null && byteWords(bytes),
    status === 'complete' && durationMs !== null && durationWords(durationMs),
  ];
  return facts.filter(Boolean).join(' · ');
}
