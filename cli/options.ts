import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run -s upload -- [options] [URL…]

Has image-relay upload pictures to Imgur, and prints "source → link" for each.

  URL…             pictures to upload
  --file LIST      a file with one URL a line; blank lines and lines with # in front are
                   skipped; - is standard input; may be given more than once
  --samples        the sample pictures of the embedded Imgur
  --service URL    where image-relay runs (IMAGE_RELAY_URL, or http://localhost:3000)
  --key KEY        a key of the service; IMAGE_RELAY_KEY keeps it out of the list of processes
  --client-id ID   upload with this Imgur Client-ID
  --json           print one JSON document instead of lines
  --csv            print CSV instead of lines; a list whose name ends in .csv, which may stand
                   among the URLs, is read as CSV: its column "url", or the first with URLs
  --album TITLE    make an album of what was uploaded, and print its link as the last line
  --delete         delete the uploads at Imgur whose links are given instead of URLs
  --help           this text

Links go to standard output, everything else to standard error. Without -s, npm adds two
lines of its own to standard output.
Exit status: 0 all uploaded, 1 some failed or the service stopped, 2 wrong usage, no service
or no room for the output, 130 left by Ctrl-C.
`;

export interface Options {
  readonly urls: readonly string[];
  readonly files: readonly string[];
  readonly samples: boolean;
  /** Base URL without a trailing slash. */
  readonly service: string;
  readonly key: string | null;
  readonly clientId: string | null;
  readonly json: boolean;
  readonly csv: boolean;
  /** The title of an album to be made. */
  readonly album: string | null;
  /** Whether the URLs are links whose uploads are to be deleted. */
  readonly isDelete: boolean;
}

/** Something to be mended by whoever called: shown without a stack, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the command line.
 *
 * @returns null if it asks for help.
 * @throws {UsageError} for one that makes no sense.
 */
export function readOptions(args: readonly string[], env: Environment): Options | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  const { samples = false, csv = false } = values;
  const isList = (text: string): boolean => /\.csv$/i.test(text) && !/^https?:/i.test(text);
  const files = [...(values.file ?? []), ...positionals.filter(isList)];
  if (csv && values.json) throw new UsageError('Expected one of --csv and --json, got both.');
  if (positionals.length === 0 && files.length === 0 && !samples) {
    throw new UsageError('Expected URLs, --file or --samples, got none of them.');
  }
  // An empty variable counts as unset.
  const service = values.service ?? (env['IMAGE_RELAY_URL'] || 'http://localhost:3000');
  if (!URL.canParse(service) || !/^https?:$/.test(new URL(service).protocol)) {
    throw new UsageError(
      `Expected --service to be an http(s) URL, got ${JSON.stringify(service)}.`,
    );
  }
  return {
    urls: positionals.filter((each) => !isList(each)),
    files,
    samples,
    service: service.replace(/\/+$/, ''),
    key: values.key ?? (env['IMAGE_RELAY_KEY'] || null),
    clientId: values['client-id'] ?? null,
    json: values.json ?? false,
    csv,
    album: values.album ?? null,
    isDelete: values.delete ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        file: { type: 'string', multiple: true },
        samples: { type: 'boolean' },
        service: { type: 'string' },
        key: { type: 'string' },
        'client-id': { type: 'string' },
        json: { type: 'boolean' },
        csv: { type: 'boolean' },
        album: { type: 'string' },
        delete: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
