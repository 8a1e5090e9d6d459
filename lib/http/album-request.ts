import { z } from 'zod';
import { objectWith, parseBody } from './upload-request';

const text = z.string().max(8192);

/** The body of a call for an album; none at all says the same as an empty one. */
export const albumRequestSchema = z.strictObject(
  {
    title: text.optional(),
    description: text.optional(),
    privacy: z
      .enum(['public', 'hidden', 'secret'])
      .optional()
      .meta({ description: "Imgur's own default where it is left out." }),
  },
  objectWith('title, description and privacy'),
);

export type AlbumRequest = z.output<typeof albumRequestSchema>;

/** @throws {HttpProblem} 400 naming every bad item. */
export function parseAlbumRequest(body: unknown): AlbumRequest {
  return parseBody(albumRequestSchema, body ?? {});
}
