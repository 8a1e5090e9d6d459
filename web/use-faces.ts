import { useEffect, useRef, useState } from 'preact/hooks';
import type { JobListItem } from '../lib/http/schemas';
import { api, type Image } from './api';
import { linkOf } from './job-state';
import { jobName, keptJobs } from './kept-jobs';

/** What a job is known by: a name and its first pictures. */
export interface Face {
  readonly name: string;
  readonly links: readonly string[];
}

const PICTURES = 4;
/** The images of larger jobs are not asked for to make a name of them. */
const MOST_IMAGES = 200;

/** Of jobs that others started: known until the page is left, and kept in no store. */
const seen = new Map<string, Face>();
const asked = new Set<string>();

/** The names and pictures of jobs, asked for one job after the other where they are not known. */
export function useFaces(jobs: readonly JobListItem[]): (id: string) => Face | undefined {
  const [, redraw] = useState(0);
  const isAsking = useRef(false);
  useEffect(() => {
    const job = jobs.find(isWanted);
    if (!job || isAsking.current) return;
    isAsking.current = true;
    asked.add(keyOf(job));
    api
      .images(job.id)
      .then((images) => learn(job, images))
      // The list says by itself what is wrong with the service.
      .catch(() => undefined)
      .finally(() => {
        isAsking.current = false;
        redraw((n) => n + 1);
      });
  });
  return faceOf;
}

function faceOf(id: string): Face | undefined {
  const kept = keptJobs.get(id);
  if (kept && kept.images.length > 0) return { name: kept.name, links: linksOf(kept.images) };
  return seen.get(id) ?? (kept && { name: kept.name, links: [] });
}

/** Another one once more of a job is complete, up to as many pictures as are shown. */
const keyOf = ({ id, complete }: JobListItem): string => `${id} ${Math.min(complete, PICTURES)}`;

function isWanted(job: JobListItem): boolean {
  const { id, pending, complete, failed } = job;
  if (pending + complete + failed > MOST_IMAGES || asked.has(keyOf(job))) return false;
  const face = faceOf(id);
  return face === undefined || face.name === '' || face.links.length < Math.min(complete, PICTURES);
}

function learn({ id, created, finished, status }: JobListItem, images: readonly Image[]): void {
  if (keptJobs.get(id)) {
    keptJobs.put(id, { about: { created, finished, status }, images, at: Date.now() });
  } else {
    seen.set(id, { name: jobName(images.map(({ url }) => url)), links: linksOf(images) });
  }
}

function linksOf(images: readonly Image[]): string[] {
  const links: string[] = [];
  for (const image of images) {
    const link = linkOf(image);
    if (link !== null && links.push(link) === PICTURES) break;
  }
  return links;
}
