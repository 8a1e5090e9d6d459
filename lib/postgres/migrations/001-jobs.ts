/**
 * `images` is what the API shows, and is written once, when an image ends. `queue` is what is not
 * done: a row goes when its image ends, so that the table stays small. Rows that change often have
 * room beside them (fillfactor), so that a change touches no index.
 */
export const jobs = `
CREATE TABLE jobs (
  seq       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id        uuid NOT NULL UNIQUE,
  created   timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  finished  timestamptz(3),
  client_id text,
  gate      text COLLATE "C" NOT NULL,
  started   boolean NOT NULL DEFAULT false,
  total     integer NOT NULL CHECK (total > 0),
  complete  integer NOT NULL DEFAULT 0 CHECK (complete >= 0),
  failed    integer NOT NULL DEFAULT 0 CHECK (failed >= 0),
  deleted   integer NOT NULL DEFAULT 0 CHECK (deleted >= 0),
  CHECK (complete + failed + deleted <= total),
  CHECK ((finished IS NOT NULL) = (complete + failed + deleted = total))
) WITH (fillfactor = 50);
CREATE INDEX jobs_unfinished ON jobs (seq) WHERE finished IS NULL;
CREATE INDEX jobs_finished ON jobs (finished, seq) WHERE finished IS NOT NULL;

CREATE TABLE images (
  job         bigint NOT NULL REFERENCES jobs ON DELETE CASCADE,
  idx         integer NOT NULL,
  url         text NOT NULL,
  link        text,
  deletehash  text,
  deleted     boolean NOT NULL DEFAULT false,
  error       jsonb,
  attempts    integer,
  bytes       bigint,
  type        text,
  source_type text,
  duration_ms bigint,
  PRIMARY KEY (job, idx),
  CHECK (link IS NULL OR error IS NULL),
  CHECK (link IS NOT NULL OR NOT deleted)
) WITH (fillfactor = 50);

-- state: 0 waits for its turn, 1 waits for another attempt until due, 2 is under way at a worker.
CREATE TABLE queue (
  job         bigint NOT NULL,
  idx         integer NOT NULL,
  state       smallint NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
  attempts    integer NOT NULL DEFAULT 0,
  duration_ms bigint NOT NULL DEFAULT 0,
  worker      uuid,
  turn        bigint NOT NULL,
  due         timestamptz,
  gate        text COLLATE "C" NOT NULL,
  host        text COLLATE "C" NOT NULL,
  PRIMARY KEY (job, idx),
  CHECK ((state = 2) = (worker IS NOT NULL)),
  CHECK ((state = 1) = (due IS NOT NULL))
) WITH (
  fillfactor = 50,
  -- Dead rows lie in front of those whose turn it is, so each claim would walk over them.
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX queue_ready ON queue (gate, turn, job, idx) INCLUDE (host) WHERE state = 0;
CREATE INDEX queue_delayed ON queue (due) WHERE state = 1;
CREATE INDEX queue_running ON queue (worker, gate, host) WHERE state = 2;

-- Positions have no gaps: who read up to one has seen all before it. So what is deleted keeps its
-- row, without link and name. name: that of the upload, by which it is found.
CREATE TABLE links (
  position bigint PRIMARY KEY,
  link     text,
  name     text COLLATE "C",
  job      bigint NOT NULL,
  idx      integer NOT NULL,
  CHECK ((link IS NULL) = (name IS NULL))
);
CREATE INDEX links_name ON links (name);
CREATE TABLE link_tally (
  one_row   boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  links     bigint NOT NULL DEFAULT 0,
  deletions bigint NOT NULL DEFAULT 0
);
INSERT INTO link_tally DEFAULT VALUES;

-- turn: where the credential is. paused_until and places: how far Imgur's limits let it go.
CREATE TABLE gates (
  gate         text COLLATE "C" PRIMARY KEY,
  turn         bigint NOT NULL DEFAULT 0,
  paused_until timestamptz,
  places       integer,
  fails        boolean NOT NULL DEFAULT false,
  round        bigint NOT NULL DEFAULT 0,
  changed      timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);

CREATE TABLE workers (
  id   uuid PRIMARY KEY,
  role text NOT NULL,
  seen timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE idempotency (
  key         text PRIMARY KEY,
  fingerprint text NOT NULL,
  job         uuid NOT NULL,
  expires     timestamptz NOT NULL
);
CREATE INDEX idempotency_expires ON idempotency (expires);

-- answer: null while it is being made, by whoever has the claim.
CREATE TABLE answers (
  key         text PRIMARY KEY,
  fingerprint text NOT NULL,
  answer      jsonb,
  claim       uuid NOT NULL,
  expires     timestamptz NOT NULL
);
CREATE INDEX answers_expires ON answers (expires);

-- A refreshed token invalidates the one before: the fleet has one pair, named by where it began.
CREATE TABLE tokens (
  origin        text PRIMARY KEY,
  access_token  text NOT NULL,
  refresh_token text NOT NULL,
  changed       timestamptz NOT NULL DEFAULT clock_timestamp()
);
`;
