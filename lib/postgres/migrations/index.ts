import { jobs } from './001-jobs';
import { fairCredentials } from './002-fair-credentials';
import { numberedClaims } from './003-numbered-claims';
import { noForeignKey } from './004-no-foreign-key';
import { fencedClaims } from './005-fenced-claims';

/** In order; what has been released is never changed. The number is the position, from 1. */
export const MIGRATIONS: readonly string[] = [
  jobs,
  fairCredentials,
  numberedClaims,
  noForeignKey,
  fencedClaims,
];
