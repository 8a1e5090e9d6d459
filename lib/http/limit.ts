import { HttpProblem } from '../errors';

const DEFAULT = 50;
const MOST = 1000;

/**
 * The `limit` of a listing.
 *
 * @throws {HttpProblem} 400 for anything but a whole number from 1 to 1000.
 */
export function limitOf(query: Readonly<Record<string, string | undefined>> | undefined): number {
  const text = query?.['limit'];
  if (text === undefined) return DEFAULT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST) return limit;
  const given = JSON.stringify(text.slice(0, 40));
  throw new HttpProblem(
    400,
    `Expected limit to be a whole number from 1 to ${MOST}, got ${given}.`,
  );
}
