import type { Image } from './api';
import type { JobState } from './job-state';
import { readStored, writeStored } from './stored';

/** What this browser keeps of a job, so that its links outlive the service's memory. */
export interface KeptJob {
  readonly id: string;
  /** Unix time in milliseconds of what is kept. */
  readonly at: number;
  readonly name: string;
  readonly about: JobState['about'];
  readonly images: readonly Image[];
  /** The job whose failed images this one tries again, and the one that does so for this. */
  readonly retryOf?: string;
  readonly retriedAs?: string;
  /** The link of an album of its pictures. */
  readonly album?: string;
}

export const KEPT_JOBS = 30;
/** About 300 bytes each, of the 5 MB that a browser gives. */
export const KEPT_IMAGES = 5000;
const NAME = 'image-relay.jobs';

let known: KeptJob[] | null = null;

/** The jobs of this browser, the newest first; the oldest make room. */
export const keptJobs = {
  all(): readonly KeptJob[] {
    if (known === null) {
      const stored = readStored('localStorage', NAME);
      known = Array.isArray(stored) ? stored.filter(isKept) : [];
    }
    return known;
  },
  get(id: string): KeptJob | undefined {
    return keptJobs.all().find((job) => job.id === id);
  },
  /** Notes how it stands with a job, and what belongs to it. */
  put(id: string, news: Partial<Omit<KeptJob, 'id'>>): void {
    const before = keptJobs.get(id);
    const job = { ...BLANK, ...before, ...news, id };
    const name = job.name === '' ? jobName(job.images.map(({ url }) => url)) : job.name;
    const others = keptJobs.all().filter((each) => each !== before);
    // One that is looked at again keeps its place.
    const place = before ? keptJobs.all().indexOf(before) : 0;
    known = bounded([...others.slice(0, place), { ...job, name }, ...others.slice(place)]);
    let stored: readonly KeptJob[] = known;
    while (!writeStored('localStorage', NAME, stored) && stored.length > 0)
      stored = stored.slice(0, -1);
  },
  forgetAll(): void {
    known = [];
    writeStored('localStorage', NAME, []);
  },
  /** Reads again what is stored. */
  reload(): void {
    known = null;
  },
};

const BLANK: Omit<KeptJob, 'id'> = {
  at: 0,
  name: '',
  about: { created: '', finished: null, status: 'pending' },
  images: [],
};

function bounded(jobs: readonly KeptJob[]): KeptJob[] {
  let room = KEPT_IMAGES;
  return jobs.slice(0, KEPT_JOBS).filter(({ images }, at) => {
    room -= images.length;
    return at === 0 || room >= 0;
  });
}

/** `photo.jpg` for one; `a.example` or `a.example and 2 more hosts` for several. */
export function jobName(urls: readonly string[]): string {
  const [first] = urls;
  if (first === undefined) return '';
  if (urls.length === 1) return fileName(first);
  const host = hostOf(first);
  const more = new Set(urls.map(hostOf)).size - 1;
  return more === 0 ? host : `${host} and ${more} more host${more === 1 ? '' : 's'}`;
}

/** The last part of a URL's path, as people read it; its host where there is none. */
export function fileName(url: string): string {
  const last = /^[^?#]*\/([^/?#]+)\/?(?:[?#]|$)/.exec(url.replace(/^[a-z]+:\/\/[^/?#]*/i, ''))?.[1];
  if (last === undefined) return hostOf(url);
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

function hostOf(url: string): string {
  return /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1]?.toLowerCase() ?? url;
}

function isKept(job: unknown): job is KeptJob {
  const { id, name, images, about } = (job ?? {}) as Partial<KeptJob>;
  return (
    typeof id === 'string' &&
    typeof name === 'string' &&
    Array.isArray(images) &&
    typeof about === 'object'
  );
}
