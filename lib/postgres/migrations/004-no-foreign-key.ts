/**
 * Each new image was looked up by its foreign key, though it is written with its job: a third of the
 * time that a submission takes here. What removes jobs removes their images.
 */
export const noForeignKey = `
ALTER TABLE images DROP CONSTRAINT images_job_fkey;
`;
