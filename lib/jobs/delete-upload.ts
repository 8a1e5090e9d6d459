import { isRelayError } from '../errors';
import type { ImgurManager } from '../imgur/manage';
import type { Logger } from '../logger';
import { imageIdOf } from './image-id';
import type { UploadsObserver } from './job-observer';
import { JobRefused } from './job-refused';
import type { JobStore } from './job-store';
import type { WorkerParts } from './worker';

interface UndoParts {
  readonly store: Pick<JobStore, 'findUpload' | 'markDeleted'>;
  readonly imgur: Pick<ImgurManager, 'remove'>;
  readonly metrics: Pick<UploadsObserver, 'deletionEnded'>;
  readonly log: Logger;
}

/**
 * Deletes an upload at Imgur, with the credential of the job that made it, and then here.
 *
 * @returns false if no such upload is known.
 * @throws {JobRefused} `imgur_refused` with Imgur's reason; nothing is forgotten then.
 */
export async function deleteUpload(parts: UndoParts, imageId: string): Promise<boolean> {
  const { store, imgur, metrics, log } = parts;
  const upload = await store.findUpload(imageId);
  if (!upload) return false;
  const { jobId, clientId, deletehash, link } = upload;
  try {
    await imgur.remove({ id: imageId, deletehash }, clientId);
  } catch (error) {
    metrics.deletionEnded('refused');
    if (!isRelayError(error)) throw error;
    log.warn({ jobId, link, code: error.code }, error.message);
    throw new JobRefused('imgur_refused', error.message);
  }
  metrics.deletionEnded('deleted');
  const isFirst = await store.markDeleted(imageId);
  if (isFirst) log.info({ jobId, link }, 'upload deleted');
  return isFirst;
}

/**
 * Deletes what Imgur took of an image that had ended before, as nobody would ever see its link. Not
 * where that link is a job's: a store that was away may have kept the result after all.
 */
export function createUndo({
  store,
  imgur,
  metrics,
  log,
}: UndoParts): NonNullable<WorkerParts['undo']> {
  return async ({ jobId, clientId }, { link, deletehash = null }) => {
    const id = imageIdOf(link);
    try {
      if (await store.findUpload(id)) return;
      await imgur.remove({ id, deletehash }, clientId);
      metrics.deletionEnded('deleted');
      log.info({ jobId, link }, 'upload deleted, as its image had ended before');
    } catch (error) {
      metrics.deletionEnded('refused');
      log.warn({ jobId, link, deletehash, error }, 'upload not deleted');
    }
  };
}
