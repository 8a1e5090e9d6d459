import { jobs } from './001-jobs';

/** In order; what has been released is never changed. The number is the position, from 1. */
export const MIGRATIONS: readonly string[] = [jobs];
