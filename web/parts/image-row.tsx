import type { Image } from '../api';
import { isOpenable } from '../link-formats';
import { memo } from '../memo';
import { byteWords, durationWords } from '../figures-in-words';
import { Address } from './address';
import { Thumbnail } from './thumbnail';

const STATES: Record<Image['status'], string> = {
  pending: 'Waiting',
  'in-progress': 'Under way',
  complete: 'Uploaded',
  failed: 'Failed',
  deleted: 'Deleted',
};

/** One image of a job: where it comes from, how it is, and its link or the reason in words. */
export const ImageRow = memo(function ImageRow({ image }: { image: Image }) {
  const { url, status, link, error } = image;
  return (
    <li class="image" data-kind={status}>
      {link === null ? (
        <span class="thumbnail" aria-hidden="true">
          {status === 'failed' && '✕'}
        </span>
      ) : (
        <Thumbnail link={link} alt="" />
      )}
      <div class="image-text">
        <p class="image-source" title={url}>
          <Address text={url} />
        </p>
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
        {error !== null && (
          <p class="image-reason">
            {error.message} <code>{error.code}</code>
          </p>
        )}
      </div>
      <div class="image-state row">
        <span class="badge" data-kind={status}>
          {STATES[status]}
        </span>
        <span class="quiet number image-facts">{factsOf(image)}</span>
      </div>
    </li>
  );
});

function factsOf({ attempts, bytes, durationMs, status }: Image): string {
  const facts = [
    attempts > 0 && (attempts === 1 ? '1 try' : `${attempts} tries`),
    bytes !== null && byteWords(bytes),
    status === 'complete' && durationMs !== null && durationWords(durationMs),
  ];
  return facts.filter(Boolean).join(' · ');
}
