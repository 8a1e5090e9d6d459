import type { KnownUpload } from '../jobs/job-store';
import type { Database } from './database';
import { LOCK_JOBS } from './settle-images';

const FIND = `
  SELECT jobs.id AS "jobId", jobs.client_id AS "clientId", links.link, images.deletehash
  FROM links JOIN images USING (job, idx) JOIN jobs ON jobs.seq = links.job
  WHERE links.name = $1
  ORDER BY links.position LIMIT 1`;

/** @see JobStore.findUpload */
export async function findUpload(
  database: Database,
  imageId: string,
): Promise<KnownUpload | undefined> {
  if (!canBeKept(imageId)) return undefined;
  const [found] = await database.query<KnownUpload>(FIND, [imageId]);
  return found;
}

const PLACE = 'SELECT position, job, idx FROM links WHERE name = $1 ORDER BY position LIMIT 1';
const MARK = `
  UPDATE images SET deleted = true WHERE job = $1 AND idx = $2 AND NOT deleted RETURNING idx`;
const COUNT_JOB = `
  UPDATE jobs SET complete = complete - 1, deleted = deleted + 1 WHERE seq = $1`;
/** Locked as where links are added, so that whoever reads them sees either all of it or nothing. */
const COUNT_DELETION = 'UPDATE link_tally SET deletions = deletions + 1';
const DROP_LINK = 'UPDATE links SET link = NULL, name = NULL WHERE position = $1';

/** @see JobStore.markDeleted */
export async function markDeleted(database: Database, imageId: string): Promise<boolean> {
  if (!canBeKept(imageId)) return false;
  return database.transaction(async (query) => {
    const [place] = await query<{ position: string; job: string; idx: number }>(PLACE, [imageId]);
    if (!place) return false;
    const { position, job, idx } = place;
    await query(LOCK_JOBS, [[job]]);
    const marked = await query(MARK, [job, idx]);
    if (marked.length === 0) return false;
    await query(COUNT_JOB, [job]);
    await query(COUNT_DELETION);
    await query(DROP_LINK, [position]);
    return true;
  });
}

/** PostgreSQL's texts have no NUL. */
function canBeKept(text: string): boolean {
  return !text.includes('\0');
}
