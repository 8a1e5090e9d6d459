/** fence: a claim of a lower number was given up by its worker, and takes nothing when it comes late. */
export const fencedClaims = `
ALTER TABLE workers ADD COLUMN fence bigint NOT NULL DEFAULT 0;
`;
