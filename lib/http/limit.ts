import { z } from 'zod';
import { HttpProblem } from './http-problem';

const DEFAULT = 50;
const MOST = 1000;

/** How many items a listing shows, as it is written in a query. */
export const limitSchema = z
  .string()
  .regex(/^\d{1,4}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(MOST))
  .default(DEFAULT);

/**
 * The `limit` of a listing.
 *
 * @throws {HttpProblem} 400 for anything but a whole number from 1 to 1000.
 */
export function limitOf(query: Readonly<Record<string, string | undefined>> | undefined): number {
  const text = query?.['limit'];
  const limit = limitSchema.safeParse(text);
  if (limit.success) return limit.data;
  const given = JSON.stringify((text ?? '').slice(0, 40));
  throw new HttpProblem(
    400,
    `Expected limit to be a whole number from 1 to ${MOST}, got ${given}.`,
  );
}
