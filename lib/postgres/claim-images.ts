import type { Database } from './database';
import { LOCKS } from './locks';

/** An image that is this worker's now. */
export interface ClaimedImage {
  readonly job: string;
  readonly idx: number;
  readonly jobId: string;
  readonly clientId: string | null;
  readonly gate: string;
  readonly url: string;
  /** Attempts that were counted before this one. */
  readonly attempts: number;
}

export interface ClaimRequest {
  readonly worker: string;
  /** How many, at most. */
  readonly most: number;
  readonly perHost: number;
  /** Credentials whose images would only be put back. */
  readonly shut: readonly string[];
  /** What the worker has, if an answer was lost: what it does not know of goes back to the queue. */
  readonly known: readonly { readonly job: string; readonly idx: number }[] | null;
}

/**
 * Of each credential so many are looked at, and of all together so many. Where one host's images fill
 * that, the next claim passes over them, as the host is full then.
 */
const LOOKED_AT_EACH = 256;
const LOOKED_AT_MOST = 1024;

/** Claims run one at a time: then the limit of a source is exact, and costs nothing. */
const TAKE_TURN = `SELECT pg_advisory_xact_lock(${LOCKS.claim})`;

/** The claim whose answer was lost is over when the lock is held. */
const GIVE_BACK_UNKNOWN = `
  UPDATE queue SET state = 0, worker = NULL
  WHERE state = 2 AND worker = $1 AND NOT EXISTS (
    SELECT FROM unnest($2::bigint[], $3::int[]) AS known (job, idx)
    WHERE known.job = queue.job AND known.idx = queue.idx
  )`;

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
 * Takes the images whose turn it is: of each credential the lowest turns, told apart by how far they
 * are behind it, so that a job with a credential of its own gets as much as any other job. The
 * statement begins when the lock is held, so it sees all that others have taken.
 *
 * A job that is locked is being settled or cancelled, so it has started or is over: no need to wait.
 */
const CLAIM = `
  WITH running AS MATERIALIZED (
    SELECT gate, host FROM queue WHERE state = 2
  ), busy AS MATERIALIZED (
    SELECT host, count(*) AS images FROM running GROUP BY host
  ), open AS MATERIALIZED (
    SELECT gate, turn,
      CASE WHEN NOT fails THEN places - coalesce(inside.images, 0) END AS room
    FROM gates LEFT JOIN (
      SELECT gate, count(*) AS images FROM running GROUP BY gate
    ) AS inside USING (gate)
    WHERE gate <> ALL ($4::text[])
      AND (paused_until IS NULL OR paused_until <= clock_timestamp() OR fails)
  ), near AS (
    SELECT open.gate, open.room, line.job, line.idx, line.host, line.turn - open.turn AS lag
    FROM open CROSS JOIN LATERAL (
      SELECT job, idx, host, turn FROM queue
      WHERE gate = open.gate AND state = 0
        AND host <> ALL (ARRAY(SELECT host FROM busy WHERE images >= $3))
      ORDER BY turn, job, idx
      LIMIT least(
        ${LOOKED_AT_EACH},
        greatest(1, ${LOOKED_AT_MOST} / (SELECT count(*) FROM open))
      )
    ) AS line
    WHERE open.room IS NULL OR open.room > 0
  ), ranked AS (
    SELECT near.*,
      row_number() OVER (PARTITION BY host ORDER BY lag, job, idx)
        + coalesce(busy.images, 0) AS of_host,
      row_number() OVER (PARTITION BY gate ORDER BY lag, job, idx) AS of_gate
    FROM near LEFT JOIN busy USING (host)
  ), picked AS (
    SELECT job, idx FROM ranked
    WHERE of_host <= $3 AND (room IS NULL OR of_gate <= room)
    ORDER BY lag, job, idx
    LIMIT $2
  ), held AS (
    SELECT queue.job, queue.idx FROM queue JOIN picked USING (job, idx)
    WHERE state = 0
    FOR UPDATE OF queue SKIP LOCKED
  ), taken AS (
    UPDATE queue SET state = 2, worker = $1
    FROM held WHERE queue.job = held.job AND queue.idx = held.idx
    RETURNING queue.job, queue.idx, queue.gate, queue.turn, queue.attempts
  ), moved AS (
    UPDATE gates SET turn = greatest(gates.turn, newest.turn)
    FROM (SELECT gate, max(turn) AS turn FROM taken GROUP BY gate) AS newest
    WHERE gates.gate = newest.gate
  ), fresh AS (
    SELECT seq FROM jobs
    WHERE seq IN (SELECT job FROM taken) AND NOT started
    FOR NO KEY UPDATE SKIP LOCKED
  ), begun AS (
    UPDATE jobs SET started = true FROM fresh WHERE jobs.seq = fresh.seq
  )
  SELECT taken.job, taken.idx, jobs.id AS "jobId", jobs.client_id AS "clientId", taken.gate,
    images.url, taken.attempts
  FROM taken
  JOIN jobs ON jobs.seq = taken.job
  JOIN images ON images.job = taken.job AND images.idx = taken.idx
  ORDER BY taken.turn, taken.job, taken.idx`;

/**
 * Nothing of it has to survive a crash of the database: who loses a claim loses its lease as well. So
 * it waits for no disk.
 */
export function claimImages(database: Database, request: ClaimRequest): Promise<ClaimedImage[]> {
  const { worker, most, perHost, shut, known } = request;
  return database.transaction(async (query) => {
    await query('SET LOCAL synchronous_commit = off');
    await query(TAKE_TURN);
    if (known) {
      const [jobs, indexes] = [known.map(({ job }) => job), known.map(({ idx }) => idx)];
      await query(GIVE_BACK_UNKNOWN, [worker, jobs, indexes]);
    }
    await query(WAKE_DELAYED);
    return query<ClaimedImage>(CLAIM, [worker, most, perHost, shut]);
  });
}
