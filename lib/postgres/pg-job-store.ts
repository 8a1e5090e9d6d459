import { stopping } from '../jobs/job-refused';
import type { ImageCounts, Job, JobSummary } from '../jobs/job';
import type {
  Created,
  IdempotencyKey,
  JobStore,
  KnownUpload,
  Links,
  NewJob,
} from '../jobs/job-store';
import type { Settled } from '../jobs/work-queue';
import { cancelJob } from './cancel-job';
import { createJob, findKey } from './create-job';
import type { Database } from './database';
import { readCounts, readJob, readJobs, readLinks } from './read-jobs';
import { findUpload, markDeleted } from './uploads';

export interface PgJobStoreParts {
  readonly database: Database;
  readonly maxQueuedImages: number;
  /** Names the credential of a job. */
  readonly credentialOf: (clientId: string | null) => string;
  /** Whether no new job is taken. */
  readonly isStopping: () => boolean;
  /** A job was ended by a call to this process. */
  readonly onCancelled: (jobId: string) => void;
}

/** The jobs of the fleet. Every method rejects with `StoreUnavailable` while the database is away. */
export class PgJobStore implements JobStore {
  readonly #parts: PgJobStoreParts;

  constructor(parts: PgJobStoreParts) {
    this.#parts = parts;
  }

  async create(job: NewJob, once?: IdempotencyKey): Promise<Created> {
    if (this.#parts.isStopping()) {
      const jobId = once && (await this.madeWith(once));
      if (jobId === undefined) throw stopping();
      return { jobId, repeated: true };
    }
    const { database, credentialOf, maxQueuedImages } = this.#parts;
    return createJob(database, job, credentialOf(job.clientId), maxQueuedImages, once);
  }

  async madeWith(once: IdempotencyKey): Promise<string | undefined> {
    return findKey(this.#parts.database.query, once);
  }

  get(jobId: string): Promise<Job | undefined> {
    return readJob(this.#parts.database, jobId);
  }

  async cancel(jobId: string): Promise<Settled[]> {
    const ended = await cancelJob(this.#parts.database, jobId);
    if (ended.length > 0) this.#parts.onCancelled(jobId);
    return ended;
  }

  list(limit: number): Promise<JobSummary[]> {
    return readJobs(this.#parts.database, limit);
  }

  linksFrom(position: number, most: number): Promise<Links> {
    return readLinks(this.#parts.database, position, most);
  }

  findUpload(imageId: string): Promise<KnownUpload | undefined> {
    return findUpload(this.#parts.database, imageId);
  }

  markDeleted(imageId: string): Promise<boolean> {
    return markDeleted(this.#parts.database, imageId);
  }

  counts(): Promise<ImageCounts> {
    return readCounts(this.#parts.database);
  }
}
