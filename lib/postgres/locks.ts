/** Advisory locks: one number for all of this service, and one for each use. */
const SERVICE = 1_768_714_000;

export const LOCKS = {
  migrate: SERVICE + 1,
  /** Claims run one at a time, which makes the limit of a source exact. */
  claim: SERVICE + 2,
  /** Jobs are made one at a time where the queue is nearly full. */
  create: SERVICE + 3,
  /** One process removes what is not kept any more. */
  sweep: SERVICE + 4,
  /** One process refreshes the token. */
  token: SERVICE + 5,
  /** Runs on Lambda take their places one at a time, which makes their bound exact. */
  shift: SERVICE + 6,
} as const;
