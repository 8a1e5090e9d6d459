/** claims: how often an image was taken, so that what is written late of one claim leaves the next alone. */
export const numberedClaims = `
ALTER TABLE queue ADD COLUMN claims integer NOT NULL DEFAULT 0;
`;
