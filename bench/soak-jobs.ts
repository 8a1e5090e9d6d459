import { setTimeout as wait } from 'node:timers/promises';
import type { Service } from './service';

const FAULTS = [
  '404',
  '500',
  'reset',
  'stall',
  'truncated',
  'not-an-image',
  'too-large',
  'gzip',
] as const;
const HOSTS = 8;
/** How many images a job has, in turn. */
const JOB_SIZES = [1, 1, 3, 1, 10, 1, 50, 5, 200, 20];
/** What a picture weighs, in turn: about 100 kB on average. */
const PICTURE_BYTES = [2000, 8000, 30_000, 15_000, 60_000, 100_000, 20_000, 250_000, 400_000];

interface ImageBody {
  readonly status: string;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** The jobs of a soak: what was submitted, and what became of each image. */
export class SoakJobs {
  readonly #service: Service;
  readonly #source: URL;
  readonly #faultPercent: number;
  readonly #codes: Record<string, number> = {};
  readonly #underWay = new Set<Promise<void>>();
  #planned = 0;
  #submitted = 0;
  #complete = 0;
  #refused = 0;
  #faults = 0;
  #jobs = 0;
  #untilFault = 0;
  #images = 0;
  #failure: Error | null = null;

  /** @param sourceUrl of a source on 127.0.0.1; it is asked for by several names. */
  constructor(service: Service, sourceUrl: string, faultPercent: number) {
    this.#service = service;
    this.#source = new URL(sourceUrl);
    this.#faultPercent = faultPercent;
  }

  /** How many images were meant to go wrong at their source. */
  get faults(): number {
    return this.#faults;
  }

  /** Submits jobs until so many images have been submitted since the beginning. */
  submitUpTo(images: number): void {
    if (this.#failure) throw this.#failure;
    while (this.#planned < images) {
      const size = JOB_SIZES[this.#jobs % JOB_SIZES.length] ?? 1;
      this.#jobs += 1;
      this.#planned += size;
      const run = this.#run(Array.from({ length: size }, () => this.#url()))
        .catch((error: unknown) => {
          this.#failure ??= error instanceof Error ? error : new Error(String(error));
        })
        .finally(() => this.#underWay.delete(run));
      this.#underWay.add(run);
    }
  }

  /** Waits for all jobs, for so long at most. */
  async settled(timeoutMs: number): Promise<void> {
    await Promise.race([Promise.all(this.#underWay), wait(timeoutMs, undefined, { ref: false })]);
    if (this.#failure) throw this.#failure;
  }

  count() {
    const codes = this.#codes;
    const failed = Object.values(codes).reduce((sum, count) => sum + count, 0);
    return {
      submitted: this.#submitted,
      complete: this.#complete,
      codes,
      unaccounted: this.#submitted - this.#complete - failed,
      refused: this.#refused,
    };
  }

  async #run(urls: readonly string[]): Promise<void> {
    const { client } = this.#service;
    const { status, text } = await client.post('/v1/images/upload', JSON.stringify({ urls }));
    if (status === 503) {
      this.#refused += 1;
      return;
    }
    if (status !== 202) throw new Error(`Expected 202 to a submission, got ${status}: ${text}`);
    this.#submitted += urls.length;
    const { jobId } = JSON.parse(text) as { jobId: string };
    await this.#service.ended(jobId);
    await this.#account(jobId, urls.length);
  }

  /** What the log says is not enough: each image has to be there, and to say how it ended. */
  async #account(jobId: string, images: number): Promise<void> {
    const reply = await this.#service.client.get(`/v1/images/upload/${jobId}/images`);
    if (reply.status !== 200) {
      throw new Error(`Expected 200 for job ${jobId}, got ${reply.status}: ${reply.text}`);
    }
    const body = JSON.parse(reply.text) as { images: ImageBody[] };
    if (body.images.length !== images) throw new Error(`Job ${jobId} has lost images`);
    for (const { status, error } of body.images) {
      if (status === 'complete') this.#complete += 1;
      else if (status === 'failed' && error !== null && error.message !== '') {
        this.#codes[error.code] = (this.#codes[error.code] ?? 0) + 1;
      } else throw new Error(`Job ${jobId} is complete with an image that is ${status}`);
    }
  }

  #url(): string {
    this.#images += 1;
    const host = `source-${this.#images % HOSTS}.localhost`;
    const base = `http://${host}:${this.#source.port}`;
    this.#untilFault -= this.#faultPercent / 100;
    if (this.#untilFault <= 0) {
      this.#untilFault += 1;
      const kind = FAULTS[this.#faults % FAULTS.length] ?? '404';
      this.#faults += 1;
      return `${base}/fault/${kind}/${this.#images}.jpg`;
    }
    const bytes = PICTURE_BYTES[this.#images % PICTURE_BYTES.length] ?? 2000;
    return `${base}/${bytes}/0/0/${this.#images}.jpg`;
  }
}
