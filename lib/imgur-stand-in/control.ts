import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { type Fault, IMGUR_FAULTS } from './faults';
import type { FaultScript } from './play';
import { type Exchange, jsonReply, type Reply, send } from './replies';

const KNOWN = new Map<unknown, Fault>(Object.entries(IMGUR_FAULTS));

/** How long a list of faults may be, in bytes. */
const MAX_BYTES = 1_048_576;

/** What setTimeout takes: it fires at once for anything longer. */
const milliseconds = z.int().min(0).max(2_147_483_647);
const when = z.enum(['before-body', 'after-body']);

/** RFC 9110, sections 5.1 and 5.5: what Node would throw at else, when it is too late. */
const headers = z.record(
  z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/),
  z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/),
);

const FAULT: z.ZodType<Fault> = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('reply'),
      when,
      status: z.int().min(200).max(599),
      headers,
      body: z.string(),
      delayMs: milliseconds.exactOptional(),
      stores: z.boolean().exactOptional(),
    }),
    z.strictObject({ kind: z.literal('delay'), ms: milliseconds }),
    z.strictObject({ kind: z.literal('hang'), when }),
    z.discriminatedUnion('when', [
      z.strictObject({ kind: z.literal('reset'), when }),
      z.strictObject({
        kind: z.literal('reset'),
        when: z.literal('mid-body'),
        afterBytes: z.int().min(0),
      }),
    ]),
    z.strictObject({ kind: z.literal('slow-read'), bytesPerSecond: z.int().min(1) }),
  ],
  'Expected the name of a known fault, a fault of your own, or null',
);

const TURNS = z.array(z.preprocess((turn) => KNOWN.get(turn) ?? turn, z.nullable(FAULT)));
const SCRIPT = z.strictObject({
  upload: TURNS.default([]),
  token: TURNS.default([]),
  repeat: z.boolean().default(false),
});
type Script = z.infer<typeof SCRIPT>;

export interface FaultControl {
  script: FaultScript;
  tokenScript: FaultScript;
  /** Answers `GET`, `PUT` and `DELETE /faults`. */
  control(exchange: Exchange): Promise<void>;
}

/**
 * Lets faults be scripted over HTTP, for the tests of any client. There is no credential: this is for
 * a stand-in that runs alone. A web page cannot use it, as `PUT` and `DELETE` need a preflight.
 */
export function createFaultControl(): FaultControl {
  const none: Script = { upload: [], token: [], repeat: false };
  let script = none;

  const nextOf = (sort: 'upload' | 'token') => (): Fault | undefined => {
    const turns = script[sort];
    const [turn] = turns.splice(0, 1);
    if (turn !== undefined && script.repeat) turns.push(turn);
    return turn ?? undefined;
  };

  /** @returns why not, if the body is no script. */
  async function take(req: IncomingMessage): Promise<Reply | null> {
    // One that is missing is refused as well.
    if (!(Number(req.headers['content-length']) <= MAX_BYTES)) {
      return refusal(413, `Expected a body of announced length, of at most ${MAX_BYTES} bytes`);
    }
    try {
      script = SCRIPT.parse(JSON.parse(await text(req)));
      return null;
    } catch (error) {
      const message = error instanceof z.ZodError ? z.prettifyError(error) : 'Expected JSON';
      return refusal(400, message);
    }
  }

  return {
    script: nextOf('upload'),
    tokenScript: nextOf('token'),
    async control(exchange) {
      const { req, method } = exchange;
      if (method === 'DELETE') script = none;
      const refused = method === 'PUT' ? await take(req) : null;
      const left = { upload: script.upload.length, token: script.token.length };
      const state = { left, repeat: script.repeat, known: [...KNOWN.keys()] };
      send(exchange, refused ?? jsonReply(200, `${JSON.stringify(state)}\n`));
    },
  };
}

function refusal(status: number, error: string): Reply {
  return jsonReply(status, `${JSON.stringify({ error })}\n`);
}
