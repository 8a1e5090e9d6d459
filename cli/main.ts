import fs from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { ImagesView } from '../lib/http/schemas';
import { follow } from './follow';
import { listenToInterrupts } from './interrupts';
import { HELP, readOptions, UsageError, type Options } from './options';
import { createProgressBar } from './progress';
import { createServiceClient, Refused, Unreachable, type ServiceClient } from './service-client';
import { NotTaken, submit, type Submitted } from './submit';
import { itemsOf, judge, type Item } from './url-list';

const ALL_UPLOADED = 0;
const SOME_FAILED = 1;
const UNUSABLE = 2;
const INTERRUPTED = 130;

type Image = ImagesView['images'][number];

/** @returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  endWithReader();
  try {
    const options = readOptions(args, process.env);
    if (options) return await upload(options);
    process.stdout.write(HELP);
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
    });
    if (end === 'left') {
      const addresses = ids.map((id) => addressOf(options.service, id));
      tell(`Left running; how it goes on is at ${addresses.join(' ')}`);
      return INTERRUPTED;
    }
  } finally {
    interrupts.close();
  }
  return await report(client, ids, options.json);
}

/** All that is to be uploaded, in the order in which it was given. */
async function collect({ urls, files, samples, service }: Options, client: ServiceClient) {
  const items: Item[] = urls.map((url, index) => ({ url, where: `argument ${index + 1}` }));
  for (const file of files) items.push(...itemsOf(await read(file), file));
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
  for (const { id, images } of submitted) {
    tell(`Submitted ${plural(images, 'image')}: ${addressOf(service, id)}`);
  }
}

async function report(
  client: ServiceClient,
  ids: readonly string[],
  json: boolean,
): Promise<number> {
  const images: Image[] = [];
  for (const id of ids) images.push(...(await client.images(id)).images);
  if (json) {
    const document = { jobs: ids, images };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    for (const { url, link, error } of images) {
      if (link !== null) process.stdout.write(`${url} → ${link}\n`);
      else tell(`${url} failed: ${error?.message ?? 'no reason given'} (${error?.code ?? '?'})`);
    }
  }
  const failed = images.filter(({ status }) => status === 'failed').length;
  const uploaded = plural(images.length - failed, 'image');
  tell(failed === 0 ? `Uploaded ${uploaded}.` : `Uploaded ${uploaded}, ${failed} failed.`);
  return failed === 0 ? ALL_UPLOADED : SOME_FAILED;
}

function addressOf(service: string, id: string): string {
  return `${service}/v1/images/upload/${id}`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Where the reader of a pipe has seen enough (`| head`), there is nobody left to write to. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}
