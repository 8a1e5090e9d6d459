import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { createFaultControl } from './control';
import { type ImgurStandInOptions, startImgurStandIn } from './server';

const HELP = `Usage: npm run imgur -- [options]

Runs a stand-in for Imgur's API, which keeps pictures in memory and plays faults on request.

  --port PORT            where it listens (3001); 0 is any free port
  --host ADDRESS         the IP address on which it listens (127.0.0.1)
  --public-url URL       what the links begin with (its own URL)
  --client-id ID         let in this Client-ID and no other; may be given more than once
  --access-token TOKEN   an access token that is valid; may be given more than once
  --refresh-token TOKEN  a refresh token that is valid; may be given more than once
  --help                 this text

Exit status: 0 ended by a signal, 1 the address cannot be listened on, 2 wrong usage.
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
    publicUrl: publicUrl?.replace(/\/+$/, ''),
    clientIds: values['client-id'],
    accessTokens: values['access-token'],
    refreshTokens: values['refresh-token'],
  };
}

function tell(error: unknown, more = ''): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${more}`);
}
