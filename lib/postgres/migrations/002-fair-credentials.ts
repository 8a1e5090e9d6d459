/**
 * served: how far a credential is in the time of all of them, `claim_clock`, so that it is seen who
 * was passed over. queue_hosts: what waits behind a host that is full. takeovers: how often a worker fell silent that had the image.
 */
export const fairCredentials = `
ALTER TABLE gates ADD COLUMN served bigint NOT NULL DEFAULT 0;
CREATE TABLE claim_clock (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  served  bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO claim_clock (served) VALUES (0);
CREATE INDEX queue_hosts ON queue (gate, hashtext(host), turn, job, idx) WHERE state = 0;
ALTER TABLE queue ADD COLUMN takeovers integer NOT NULL DEFAULT 0;
`;
