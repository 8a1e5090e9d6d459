import { StoreUnavailable } from '../jobs/store-unavailable';
import type { Database } from './database';
import { LINE_OF_GATE } from './line-of-gate';
import { LOCKS } from './locks';

/** An image that is this worker's now. */
export interface ClaimedImage {
  readonly job: string;
  readonly idx: number;
  readonly jobId: string;
  readonly clientId: string | null;
  readonly gate: string;
  readonly url: string;
  /** How often the image was taken, this time among them. */
  readonly claims: number;
  /** Attempts that were counted before this one. */
  readonly attempts: number;
}

export interface ClaimRequest {
  /** One that is in the list of workers. */
  readonly worker: string;
  /**
   * A number that is higher after each claim whose answer was lost: the database does nothing for one
   * of a lower number, which may reach it late (a fencing token, Kleppmann, Designing Data-Intensive
   * Applications, 2017, ch. 8).
   */
  readonly fence: number;
  /** How many, at most. */
  readonly most: number;
  readonly perHost: number;
  /** Credentials whose images would only be put back. */
  readonly shut: readonly string[];
  /** What the worker has, if an answer was lost: what it does not know of goes back to the queue. */
  readonly known: readonly Pick<ClaimedImage, 'job' | 'idx' | 'claims'>[] | null;
  /** Whether those that are due again are seen to as well; it is not needed each time. */
  readonly wakes: boolean;
}

/** So many images are looked at for each that is wanted: some are of one host, which has less room. */
const LOOKED_AT = 4;
const LOOKED_AT_LEAST = 32;

/**
 * Claims run one at a time: then the limit of a source is exact, and costs nothing.
 *
 * A claim is written to the disk as results are. One that a crash of the database undid would have its
 * image taken again, while it is still under way at the one who lived on.
 */
const TAKE_TURN = `SELECT pg_advisory_xact_lock(${LOCKS.claim})`;

/**
 * The claim whose answer was lost is over when the lock is held. If it still comes, it finds a higher
 * number, as it looks for that when it has the lock.
 */
const GIVE_BACK_UNKNOWN = `
  WITH raised AS (
    UPDATE workers SET fence = $2 WHERE id = $1 AND fence <= $2 RETURNING id
  ), given_back AS (
    UPDATE queue SET state = 0, worker = NULL
    FROM raised
    WHERE state = 2 AND worker = raised.id AND NOT EXISTS (
      SELECT FROM unnest($3::bigint[], $4::int[], $5::int[]) AS known (job, idx, claims)
      WHERE known.job = queue.job AND known.idx = queue.idx AND known.claims = queue.claims
    )
  )
  SELECT FROM raised`;

/** What was to be tried again waits for its turn again; it keeps the turn that it had. */
const WAKE_DELAYED = `
  UPDATE queue SET state = 0, due = NULL
  FROM (
    SELECT job, idx FROM queue
    WHERE state = 1 AND due <= clock_timestamp()
    ORDER BY due LIMIT 1000
    FOR UPDATE SKIP LOCKED
  ) AS woken
  WHERE queue.job = woken.job AND queue.idx = woken.idx`;

/**
 * Takes the images whose turn it is: of each credential the lowest turns, told apart by how far the
 * credential is in the time of all of them, so that a job with a credential of its own gets as much as
 * any other job. Who had nothing to do or was paused begins where the others are, and catches up
 * nothing (start-time fair queueing, Goyal et al., SIGCOMM 1996). The statement begins when the lock is
 * held, so it sees all that others have taken.
 *
 * Credentials are looked at in the order in which they were served, of equals first the one that has
 * less under way, and no more of them than it takes to find enough images.
 *
 * A job that is locked is being settled or cancelled, so it has started or is over: no need to wait.
 *
 * What is picked is found row by row (`LATERAL … LIMIT 1`, `ANY`), so that no plan reads a whole table
 * for it, whatever is known of how many there are.
 */
export const CLAIM = `
  WITH running AS MATERIALIZED (
    SELECT gate, host FROM queue WHERE state = 2
  ), busy AS MATERIALIZED (
    SELECT host, count(*) AS images FROM running GROUP BY host
  ), open AS MATERIALIZED (
    SELECT gate, turn, greatest(gates.served, claim_clock.served) AS served,
      coalesce(inside.images, 0) AS images,
      CASE WHEN NOT fails THEN places - coalesce(inside.images, 0) END AS room
    FROM claim_clock, gates LEFT JOIN (
      SELECT gate, count(*) AS images FROM running GROUP BY gate
    ) AS inside USING (gate)
    WHERE EXISTS (SELECT FROM workers WHERE id = $1 AND fence <= $5)
      AND gate <> ALL ($4::text[])
      AND (paused_until IS NULL OR paused_until <= clock_timestamp() OR fails)
  ), full_hosts AS MATERIALIZED (
    SELECT coalesce(array_agg(host), '{}') AS hosts,
      coalesce(array_agg(hashtext(host)), '{}') AS hashes,
      (random() * 4294967295 - 2147483648)::int AS start
    FROM busy WHERE images >= $3
  ), share AS MATERIALIZED (
    SELECT greatest(1, count(*)) AS credentials,
      greatest(1, greatest(${LOOKED_AT_LEAST}, ${LOOKED_AT} * $2::int) / greatest(1, count(*))) AS images
    FROM open
  ), near AS MATERIALIZED (
    SELECT open.gate, open.room, line.job, line.idx, line.host,
      line.turn - open.turn + open.served AS served
    FROM (
      SELECT * FROM open WHERE room IS NULL OR room > 0 ORDER BY served, images
    ) AS open CROSS JOIN LATERAL (${LINE_OF_GATE}
    ) AS line
    LIMIT greatest(${LOOKED_AT_LEAST}, ${LOOKED_AT} * $2::int)
  ), ranked AS (
    SELECT near.*,
      row_number() OVER (PARTITION BY host ORDER BY served, job, idx)
        + coalesce(busy.images, 0) AS of_host,
      row_number() OVER (PARTITION BY gate ORDER BY served, job, idx) AS of_gate
    FROM near LEFT JOIN busy USING (host)
  ), picked AS (
    SELECT job, idx, served FROM ranked
    WHERE of_host <= $3 AND (room IS NULL OR of_gate <= room)
    ORDER BY served, job, idx
    LIMIT $2
  ), held AS (
    SELECT job, idx, served, waiting.place FROM picked CROSS JOIN LATERAL (
      SELECT ctid AS place FROM queue
      WHERE job = picked.job AND idx = picked.idx AND state = 0
      LIMIT 1 FOR UPDATE SKIP LOCKED
    ) AS waiting
  ), taken AS (
    UPDATE queue SET state = 2, worker = $1, claims = claims + 1
    WHERE ctid = ANY (ARRAY(SELECT place FROM held))
    RETURNING job, idx, gate, turn, attempts, claims
  ), moved AS (
    UPDATE gates SET
      turn = greatest(gates.turn, newest.turn),
      served = open.served + greatest(0, newest.turn - gates.turn)
    FROM (SELECT gate, max(turn) AS turn FROM taken GROUP BY gate) AS newest
      JOIN open USING (gate)
    WHERE gates.gate = newest.gate
  ), passed AS (
    UPDATE claim_clock SET served = greatest(claim_clock.served, newest.served - 1)
    FROM (SELECT max(served) AS served FROM held) AS newest
    WHERE newest.served - 1 > claim_clock.served
  ), fresh AS (
    SELECT seq FROM jobs
    WHERE seq = ANY (ARRAY(SELECT DISTINCT job FROM taken)) AND NOT started
    FOR NO KEY UPDATE SKIP LOCKED
  ), begun AS (
    UPDATE jobs SET started = true WHERE seq = ANY (ARRAY(SELECT seq FROM fresh))
  )
  SELECT job, idx, of_job.id AS "jobId", of_job.client_id AS "clientId", gate, image.url, attempts, claims
  FROM taken JOIN held USING (job, idx)
  CROSS JOIN LATERAL (SELECT id, client_id FROM jobs WHERE seq = taken.job LIMIT 1) AS of_job
  CROSS JOIN LATERAL (
    SELECT url FROM images WHERE images.job = taken.job AND images.idx = taken.idx LIMIT 1
  ) AS image
  ORDER BY served, job, idx`;

/** @throws {StoreUnavailable} also if something is to be given back and the worker is not in the list. */
export async function claimImages(
  database: Database,
  { worker, fence, most, perHost, shut, known, wakes }: ClaimRequest,
): Promise<ClaimedImage[]> {
  if (known) {
    const raised = await database.transact(TAKE_TURN, GIVE_BACK_UNKNOWN, [
      ...[worker, fence],
      known.map(({ job }) => job),
      known.map(({ idx }) => idx),
      known.map(({ claims }) => claims),
    ]);
    if (raised.length === 0) {
      throw new StoreUnavailable({ cause: new Error('this worker is not in the list of workers') });
    }
  }
  const first = wakes ? `${TAKE_TURN}; ${WAKE_DELAYED}` : TAKE_TURN;
  return database.transact<ClaimedImage>(first, CLAIM, [worker, most, perHost, shut, fence]);
}
