import { HttpProblem, isRelayError } from '../errors';
import type { ImgurManager } from '../imgur/manage';
import type { Logger } from '../logger';
import { imageIdOf } from './image-id';
import type { JobStore } from './job-store';
import type { WorkerParts } from './worker';

/**
 * Deletes an upload at Imgur, with the credential of the job that made it, and then here.
 *
 * @returns false if no such upload is known.
 * @throws {HttpProblem} 502 with Imgur's reason; nothing is forgotten then.
 */
export async function deleteUpload(
  parts: { readonly store: JobStore; readonly imgur: ImgurManager; readonly log: Logger },
  imageId: string,
): Promise<boolean> {
  const { store, imgur, log } = parts;
  const upload = await store.findUpload(imageId);
  if (!upload) return false;
  const { jobId, clientId, deletehash, link } = upload;
  try {
    await imgur.remove({ id: imageId, deletehash }, clientId);
  } catch (error) {
    if (!isRelayError(error)) throw error;
    log.warn({ jobId, link, code: error.code }, error.message);
    throw new HttpProblem(502, error.message);
  }
  const isFirst = await store.markDeleted(imageId);
  if (isFirst) log.info({ jobId, link }, 'upload deleted');
  return isFirst;
}

/** Deletes what Imgur took of an image that had ended before: nobody would ever see its link. */
export function createUndo(imgur: ImgurManager, log: Logger): NonNullable<WorkerParts['undo']> {
  return async ({ jobId, clientId }, { link, deletehash = null }) => {
    try {
      await imgur.remove({ id: imageIdOf(link), deletehash }, clientId);
      log.info({ jobId, link }, 'upload deleted, as its image had ended before');
    } catch (error) {
      log.warn({ jobId, link, deletehash, error }, 'upload not deleted');
    }
  };
}
