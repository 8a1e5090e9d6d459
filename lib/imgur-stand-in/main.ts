import { once } from 'node:events';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createFaultControl } from './control';
import { type ImgurStandInOptions, startImgurStandIn } from './server';

const HELP = `Usage: npm run imgur -- [options]

Runs a stand-in for Imgur's API, which keeps pictures in memory, or for good in a folder, and plays
faults on request.

  --port PORT            where it listens (3001); 0 is any free port
  --host ADDRESS         the IP address on which it listens (127.0.0.1)
  --public-url URL       what the links begin with (its own URL)
  --dir FOLDER           keep pictures and albums in this folder, also over restarts
  --bytes N              room for them: 67108864 in memory, the oldest out first; 1073741824 in
                         a folder, which takes nothing more once it is full
  --uploads-per-hour N   count what each client has left, as Imgur does; else it never runs out
  --client-id ID         let in this Client-ID and no other; may be given more than once
  --access-token TOKEN   an access token that is valid; may be given more than once
  --refresh-token TOKEN  a refresh token that is valid; may be given more than once
  --help                 this text

Exit status: 0 ended by a signal, 1 the address cannot be listened on or the folder not be written,
2 wrong usage.
`;

/** @returns the exit status, once a signal has ended it. */
export async function main(args: readonly string[]): Promise<number> {
  let options: ImgurStandInOptions | null;
  try {
    options = readOptions(args);
  } catch (error) {
    tell(error, '`npm run imgur -- --help` says more.\n');
    return 2;
  }
  if (!options) {
    process.stdout.write(HELP);
    return 0;
  }
  // Before it is told that all is ready: who reads that may end it at once.
  const signal = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const control = createFaultControl();
  const onError = (error: unknown): void => tell(error instanceof Error ? error.stack : error);
  try {
    const imgur = await startImgurStandIn({ ...options, ...control, onError });
    process.stdout.write(`The stand-in for Imgur is ready at ${imgur.url}\n`);
    await signal;
    await imgur.close();
    return 0;
  } catch (error) {
    tell(error);
    return 1;
  }
}

/**
 * @returns null if they ask for help.
 * @throws for ones that make no sense.
 */
function readOptions(args: readonly string[]): ImgurStandInOptions | null {
  const text = { type: 'string' } as const;
  const texts = { ...text, multiple: true } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { ...text, default: '3001' },
      host: { ...text, default: '127.0.0.1' },
      'public-url': text,
      dir: text,
      bytes: text,
      'uploads-per-hour': text,
      'client-id': texts,
      'access-token': texts,
      'refresh-token': texts,
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return null;
  const { port, host, 'public-url': publicUrl } = values;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new Error(`Expected --port to be a number from 0 to 65535, got ${JSON.stringify(port)}.`);
  }
  if (publicUrl !== undefined && !(URL.canParse(publicUrl) && /^https?:/i.test(publicUrl))) {
    throw new Error(
      `Expected --public-url to be an http(s) URL, got ${JSON.stringify(publicUrl)}.`,
    );
  }
  return {
    host,
    port: Number(port),
    directory: values.dir === undefined ? null : resolve(startedIn(), values.dir),
    maxBytes: wholeNumber('--bytes', values.bytes, 1_048_576),
    uploadsPerHour: wholeNumber('--uploads-per-hour', values['uploads-per-hour'], 1),
    publicUrl: publicUrl?.replace(/\/+$/, ''),
    clientIds: values['client-id'],
    accessTokens: values['access-token'],
    refreshTokens: values['refresh-token'],
  };
}

/** @throws for anything but a whole number from `least`. */
function wholeNumber(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= least) return value;
  throw new Error(
    `Expected ${name} to be a whole number from ${least}, got ${JSON.stringify(text)}.`,
  );
}

/** Where the command was given: npm itself runs everything in the project's folder. */
function startedIn(): string {
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env;
  return (script === 'imgur' ? folder : undefined) ?? '.';
}

function tell(error: unknown, more = ''): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${more}`);
}
