import type { Query } from '../../lib/postgres/database';

/**
 * Puts workers into the list, which only then are given images.
 *
 * @param seen when they were heard of last: whoever was not lately is taken for silent.
 */
export async function enlistWorkers(
  query: Query,
  ids: readonly string[],
  seen: 'epoch' | 'now' = 'epoch',
): Promise<void> {
  await query(
    `INSERT INTO workers (id, role, seen)
    SELECT id, 'worker', $2::timestamptz FROM unnest($1::uuid[]) AS id`,
    [ids, seen],
  );
}
