/** Of a credential that is alone so many images in front are looked at, and of each of many at least. */
const IN_FRONT = 1024;
const IN_FRONT_EACH = 64;
/** Where all in front are of hosts that are full, so many other hosts are looked at. */
const HOSTS = 32;

/** Of the credential `open.gate`. */
const WAITING = 'FROM queue WHERE gate = open.gate AND state = 0';
const HOST_FROM = (condition: string): string => `(
        SELECT hashtext(host) ${WAITING} ${condition} ORDER BY hashtext(host) LIMIT 1
      )`;

/**
 * The images of one credential that may be next, by their turns. It needs the tables `full_hosts (hosts,
 * hashes, start)` and `share (credentials, images)`, and $3, how many images one host may have.
 *
 * Where one host has thousands in front and is full, a walk past them would take long. So the walk ends
 * soon, and what is behind is found by its hosts, in the order of their hashes and from one that is
 * drawn anew each time, so that no host waits for its name.
 */
export const LINE_OF_GATE = `
    WITH RECURSIVE front AS MATERIALIZED (
      SELECT * FROM (
        SELECT job, idx, host, turn ${WAITING}
        ORDER BY turn, job, idx
        LIMIT greatest(${IN_FRONT_EACH}, ${IN_FRONT} / (SELECT credentials FROM share))
      ) AS walked
      WHERE host <> ALL ((SELECT hosts FROM full_hosts)::text[])
      LIMIT (SELECT images FROM share)
    ), step (hash, first, nth) AS (
      SELECT drawn.hash, drawn.hash, 1 FROM (
        SELECT coalesce(${HOST_FROM('AND hashtext(host) >= (SELECT start FROM full_hosts)')}, ${HOST_FROM('')}) AS hash
      ) AS drawn
      WHERE NOT EXISTS (SELECT FROM front)
      UNION ALL
      SELECT coalesce(${HOST_FROM('AND hashtext(host) > step.hash')}, ${HOST_FROM('')}), first, nth + 1
      FROM step WHERE nth < ${HOSTS} AND (nth = 1 OR hash <> first)
    )
    SELECT * FROM front
    UNION ALL
    (
      SELECT behind.* FROM (
        SELECT DISTINCT hash FROM step
        WHERE hash <> ALL ((SELECT hashes FROM full_hosts)::int[])
      ) AS other CROSS JOIN LATERAL (
        SELECT job, idx, host, turn ${WAITING} AND hashtext(host) = other.hash
        ORDER BY turn, job, idx LIMIT $3
      ) AS behind
      ORDER BY turn, job, idx
      LIMIT (SELECT images FROM share)
    )`;
