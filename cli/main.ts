import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { imageIdOf } from '../lib/jobs/image-id';
import type { JobView } from '../lib/http/schemas';
import { csvItems } from './csv-list';
import { follow } from './follow';
import { listenToInterrupts } from './interrupts';
import { HELP, readOptions, UsageError, type Options } from './options';
import { createProgressBar } from './progress';
import { imagesSeen, plural, report, type Reported } from './report';
import { createServiceClient, Refused, Unreachable, type ServiceClient } from './service-client';
import { NotTaken, submit, type Submitted } from './submit';
import { itemsOf, judge, type Item } from './url-list';

const ALL_UPLOADED = 0;
const SOME_FAILED = 1;
const UNUSABLE = 2;
const INTERRUPTED = 130;

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  endWithReader();
  try {
    const options = readOptions(args, process.env);
    if (options) {
      tellOfHeader(process.env);
      return await (options.isDelete ? deleteAll(options) : upload(options));
    }
    result(HELP);
    return ALL_UPLOADED;
  } catch (error) {
    if (error instanceof UsageError) {
      tell(error.message);
      tell('`npm run upload -- --help` says more.');
    } else if (isOfTheService(error)) {
      tell(error.message);
    } else {
      throw error;
    }
    return UNUSABLE;
  }
}

async function upload(options: Options): Promise<number> {
  const client = createServiceClient(options.service, options.key);
  const { items, duplicates, problems } = judge(await collect(options, client));
  if (problems.length > 0) throw new NotTaken(problems);
  if (items.length === 0) throw new UsageError('Expected at least one URL, got an empty list.');
  if (duplicates > 0) tell(`Left out ${plural(duplicates, 'duplicate')}.`);

  const submitted = await submitAll(client, items, options);
  const ids = submitted.map(({ id }) => id);
  const seen = new Map<string, JobView>();
  let isGone = false;
  // Before it is told: who reads that a job is submitted may press Ctrl-C at once.
  const interrupts = listenToInterrupts();
  try {
    tellSubmitted(submitted, options);
    const end = await follow(ids, {
      client,
      bar: createProgressBar(process.stderr),
      interrupts,
      interactive: process.stdin.isTTY && process.stderr.isTTY,
      print: tell,
      seen,
    });
    if (end === 'left') {
      const addresses = ids.map((id) => addressOf(options.service, id));
      tell(`Left running; how it goes on is at ${addresses.join(' ')}`);
      return INTERRUPTED;
    }
  } catch (error) {
    if (!isOfTheService(error)) throw error;
    tell(error.message);
    isGone = true;
  } finally {
    interrupts.close();
  }
  const all = isGone ? null : await allOfImages(client, ids);
  // What was uploaded is at Imgur, whatever became of the service.
  const images = all ?? submitted.flatMap((job) => imagesSeen(job, seen.get(job.id)));
  report(ids, images, { json: options.json, csv: options.csv, result, tell });
  if (all && options.album !== null) {
    const title = options.album;
    if (!(await makeAlbums(client, ids, title, options))) return SOME_FAILED;
  }
  return all?.every(({ status }) => status === 'complete') ? ALL_UPLOADED : SOME_FAILED;
}

/** Deletes uploads by their links. */
async function deleteAll({ service, key, urls }: Options): Promise<number> {
  const client = createServiceClient(service, key);
  let status = ALL_UPLOADED;
  for (const link of urls) {
    try {
      await client.remove(imageIdOf(link));
      result(`${link} deleted\n`);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      tell(`${link} not deleted: ${error.message}`);
      status = SOME_FAILED;
    }
  }
  return status;
}

/** An album for each job: a list that is longer than a job may be makes several. */
async function makeAlbums(
  client: ServiceClient,
  ids: readonly string[],
  title: string,
  { json, csv }: Options,
): Promise<boolean> {
  try {
    for (const id of ids) {
      const { link } = await client.album(id, title, randomUUID());
      if (json || csv) tell(`Album: ${link}`);
      else result(`${link}\n`);
    }
    return true;
  } catch (error) {
    if (!isOfTheService(error)) throw error;
    tell(`No album: ${error.message}`);
    return false;
  }
}

/** All that is to be uploaded, in the order in which it was given. */
async function collect({ urls, files, samples, service }: Options, client: ServiceClient) {
  const items: Item[] = urls.map((url, index) => ({ url, where: `argument ${index + 1}` }));
  for (const file of files) {
    const list = await read(file);
    items.push(...(/\.csv$/i.test(file) ? csvItems(list, file) : itemsOf(list, file)));
  }
  if (!samples) return items;
  const { samples: offered = [] } = await client.health();
  if (offered.length === 0) {
    throw new UsageError(`${service} has no samples: it does not run on the embedded Imgur.`);
  }
  return [...items, ...offered.map((url) => ({ url, where: 'sample' }))];
}

async function read(file: string): Promise<string> {
  try {
    return file === '-'
      ? await text(process.stdin)
      : await fs.readFile(path.resolve(startedIn(), file), 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Expected --file to name a list that can be read, got: ${why}`);
  }
}

/** Where the command was given: npm itself runs everything in the project's folder. */
function startedIn(): string {
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env;
  return (script === 'upload' ? folder : undefined) ?? '.';
}

function isOfTheService(error: unknown): error is Error {
  return error instanceof Unreachable || error instanceof Refused || error instanceof NotTaken;
}

/** The jobs that the service made of a list. Where it stops half way, those before are told. */
async function submitAll(
  client: ServiceClient,
  items: readonly Item[],
  options: Options,
): Promise<readonly Submitted[]> {
  const submitted: Submitted[] = [];
  try {
    await submit(client, items, {
      clientId: options.clientId,
      onAccepted: (job) => submitted.push(job),
      onWait: (seconds, why) => tell(`${why} Trying again in ${seconds} s.`),
    });
  } catch (error) {
    tellSubmitted(submitted, options);
    throw error;
  }
  return submitted;
}

function tellSubmitted(submitted: readonly Submitted[], { service }: Options): void {
  for (const { id, urls } of submitted) {
    tell(`Submitted ${plural(urls.length, 'image')}: ${addressOf(service, id)}`);
  }
}

/** @returns null where the service is gone, or has forgotten a job. */
async function allOfImages(
  client: ServiceClient,
  ids: readonly string[],
): Promise<Reported[] | null> {
  try {
    const images: Reported[] = [];
    for (const id of ids) images.push(...(await client.images(id)).images);
    return images;
  } catch (error) {
    if (!isOfTheService(error)) throw error;
    tell(error.message);
    return null;
  }
}

function addressOf(service: string, id: string): string {
  return `${service}/v1/images/upload/${id}`;
}

function result(text: string): void {
  process.stdout.write(text);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Where the reader of a pipe has seen enough (`| head`), there is nobody left to write to. */
function endWithReader(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit();
    tell(`Standard output does not take what is written to it: ${code ?? message}.`);
    process.exit(UNUSABLE);
  });
}

/** npm has told what it runs by now, on standard output. */
function tellOfHeader({ npm_lifecycle_event: script, npm_config_loglevel: level }: Environment) {
  if (script !== 'upload' || level === 'silent' || process.stdout.isTTY) return;
  tell('npm adds a header of its own to standard output: `npm run -s upload` leaves it out.');
}
