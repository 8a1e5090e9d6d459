import { isRelayError } from '../errors';
import type { ImgurManager, MadeAlbum, NewAlbum } from '../imgur/manage';
import type { Logger } from '../logger';
import { imageIdOf } from './image-id';
import type { Job } from './job';
import type { UploadsObserver } from './job-observer';
import { JobRefused } from './job-refused';
import type { IdempotencyKey } from './job-store';
import type { Once } from './once';
import type { UploadGate } from './relay';

export interface AlbumParts {
  readonly imgur: ImgurManager;
  readonly gate: Pick<UploadGate, 'tryEnter' | 'leave'>;
  readonly pausedUntil: () => string | null;
  readonly credentialOf: (clientId: string | null) => string;
  readonly once: Once;
  readonly metrics: Pick<UploadsObserver, 'albumEnded'>;
  readonly log: Logger;
}

/**
 * Makes an album at Imgur of what a job has uploaded, in the order of submission, with the job's
 * credential. A key that came before gives the same album again.
 *
 * @param of the job; not called for a key that came before.
 * @throws {JobRefused} while the job is not complete, has no upload, or for a key that came with
 *   another request; `imgur_refused` with Imgur's reason; `imgur_paused` while its limits pause the
 *   credential.
 */
export type MakeAlbum = (
  of: () => Promise<Job>,
  texts: Omit<NewAlbum, 'uploads'>,
  key?: IdempotencyKey,
) => Promise<MadeAlbum>;

/** Where Imgur does not say how long a pause lasts; in seconds. */
const RETRY_AFTER_S = 60;

export function createMakeAlbum(parts: AlbumParts): MakeAlbum {
  const { imgur, gate, metrics, log } = parts;

  return async (of, texts, key) => {
    const makeIt = async () => make(await of(), texts);
    return key ? parts.once(key, makeIt) : makeIt();
  };

  async function make(job: Job, texts: Omit<NewAlbum, 'uploads'>): Promise<MadeAlbum> {
    const { id: jobId, status, images, clientId } = job;
    if (status !== 'complete') {
      const detail = `Expected a job that is complete, got one that is ${status}.`;
      throw new JobRefused('not_complete', detail);
    }
    const uploads = images.flatMap(({ status: state, link, deletehash }) =>
      state === 'complete' && link !== null ? [{ id: imageIdOf(link), deletehash }] : [],
    );
    if (uploads.length === 0) {
      throw new JobRefused('nothing_uploaded', 'Expected a job with uploads, got one without.');
    }
    const key = parts.credentialOf(clientId);
    if (gate.tryEnter(key) !== 'enter') throw paused();
    try {
      const album = await imgur.makeAlbum({ ...texts, uploads }, clientId);
      metrics.albumEnded('made');
      log.info({ jobId, ...album, images: uploads.length }, 'album made');
      return album;
    } catch (error) {
      metrics.albumEnded('refused');
      if (!isRelayError(error)) throw error;
      log.warn({ jobId, code: error.code }, error.message);
      throw new JobRefused('imgur_refused', error.message);
    } finally {
      gate.leave(key, 'other');
    }
  }

  function paused(): JobRefused {
    const until = parts.pausedUntil();
    const seconds = until === null ? RETRY_AFTER_S : (Date.parse(until) - Date.now()) / 1000;
    const message = "Imgur's limits pause this job's credential.";
    return new JobRefused('imgur_paused', message, Math.max(1, Math.ceil(seconds)));
  }
}
