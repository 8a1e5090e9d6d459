import { Readable } from 'node:stream';
import { Cancellation, unlessCancelled } from '../cancellation';
import { RelayError, relayErrorOf } from '../errors';
import type { ImgurClient } from '../imgur/client';
import type { Unsettled, UploadOutcome } from '../imgur/outcome';
import type { Outcome, Relay, RelayInput, RelayProgress } from '../jobs/relay';
import { parseSourceUrl } from '../net/source-url';
import { collectPicture, type CollectedPicture } from './collect-picture';
import type { Converter } from './convert/converter';
import type { OpenSource, Source } from './download';
import { filenameOf } from './filename';
import type { MemoryBudget } from './memory-budget';
import { openPicture } from './open-picture';
import type { Picture, PictureListener } from './picture';
import { BODY, seconds } from './source-errors';
import { TimeLimit, type FlowListener } from './time-limit';

export interface RelayParts {
  readonly openSource: OpenSource;
  readonly upload: ImgurClient['upload'];
  readonly persist: ImgurClient['persist'];
  /** For all pictures whose sources announce no length. */
  readonly budget: MemoryBudget;
  /** Null where nothing is converted. */
  readonly converter?: Converter | null;
  readonly maxImageBytes: number;
  readonly stallTimeoutMs: number;
  readonly downloadTimeoutMs: number;
  readonly uploadTimeoutMs: number;
  readonly observer?: TransferObserver;
}

/** Hears what each transfer took; it must be quick and not throw. */
export interface TransferObserver {
  /** Bytes of a picture that its source has sent in one transfer. */
  bytesRead(bytes: number): void;
  /** For how long either side was waited for; 0 for one that was never turned to. */
  transferEnded(outcome: 'complete' | 'failed', sourceMs: number, imgurMs: number): void;
}

/** What came of one transfer; the Imgur client knows what another one is good for. */
type Transferred = Outcome | Unsettled;

/** One way of an image from its source to Imgur. */
interface Transfer {
  readonly image: RelayInput;
  readonly cancellation: Cancellation;
  readonly limits: Limits;
  readonly progress: RelayProgress;
  /** Set while the picture is collected: whether others wait for the memory that it takes. */
  isInTheWay: (() => boolean) | null;
}

/**
 * Makes one attempt to bring an image to Imgur. That takes one transfer, or another one where what
 * went wrong was not the image's (see `ImgurClient.persist`). It never rejects.
 *
 * Where the source announces a length, the bytes go on while they arrive; without one they are kept
 * until the end is known.
 */
export function createRelay(parts: RelayParts): Relay {
  return async function relay(image, cancellation, progress) {
    try {
      return await parts.persist(() => transfer(image, cancellation, progress), cancellation);
    } catch (error) {
      return { kind: 'failed', error: relayErrorOf(error) };
    }
  };

  async function transfer(
    image: RelayInput,
    outer: Cancellation,
    progress: RelayProgress,
  ): Promise<Transferred> {
    outer.throwIfCancelled();
    const parsed = parseSourceUrl(image.url);
    // Submission has refused such a URL already, so this is a defect and not the client's fault.
    if (!parsed.ok) throw new Error(parsed.problem);

    // Of its own, as it ends here even where the image is tried anew at once.
    const cancellation = new Cancellation();
    outer.onCancel((reason) => cancellation.cancel(reason));
    const flow: FlowListener = {
      silent() {
        progress.sourceIsSilent();
        if (!current.isInTheWay?.()) return;
        cancellation.cancel(BODY.inTheWay());
      },
      sends: () => progress.sourceSends(),
    };
    const limits = createLimits(parts, cancellation, flow);
    const current: Transfer = { image, cancellation, limits, progress, isInTheWay: null };
    let isAnswered = false;
    let outcome: Transferred | null = null;
    try {
      limits.source.resume();
      const source = await parts.openSource(parsed.url, cancellation, {
        onAnswer() {
          isAnswered = true;
          limits.source.progress();
        },
        onAddress(address, port) {
          // Where a redirect leads to is not where the source's name does.
          return isAnswered || progress.leadsTo(address, port) ? null : TOO_MUCH;
        },
      });
      outcome = await send(source, current);
      if (outcome.kind !== 'failed') return outcome;
      return { ...outcome, error: relayErrorOf(endOf(outcome.error, cancellation.reason)) };
    } catch (error) {
      if (error === TOO_MUCH) return { kind: 'put_back' };
      throw endOf(error, cancellation.reason);
    } finally {
      limits.source.stop();
      limits.imgur.stop();
      // Ends what is left of either side, as after an early refusal.
      const isComplete = outcome?.kind === 'uploaded';
      if (!isComplete) cancellation.cancel(DONE);
      const { source, imgur } = limits;
      parts.observer?.transferEnded(
        isComplete ? 'complete' : 'failed',
        source.spentMs,
        imgur.spentMs,
      );
    }
  }

  /** Judges what the source sends, and sends it on. */
  async function send(source: Source, current: Transfer): Promise<Transferred> {
    const { limits, cancellation } = current;
    let isUploading = false;
    const listener: PictureListener = {
      arrived: (bytes) => limits.source.progress(bytes),
      full() {
        limits.source.pause();
        // Until the upload begins nobody waits for Imgur.
        if (isUploading) limits.imgur.resume();
      },
      wanted() {
        limits.imgur.pause();
        limits.source.resume();
      },
      // A picture that turns out to be none must not arrive whole: the upload is cut off.
      broken: (error) => cancellation.cancel(error),
    };
    const { maxImageBytes, converter } = parts;
    const maxPixels = converter?.maxPixels ?? null;
    const picture = await openPicture(source, maxImageBytes, listener, cancellation, maxPixels);
    const beginUpload = async (): Promise<Outcome | null> => {
      const allowed = current.progress.beforeUpload();
      if (allowed) {
        limits.source.pause();
        const instead = await unlessCancelled(allowed, cancellation);
        if (instead) return instead;
      }
      isUploading = true;
      if (!limits.source.isWaiting) limits.imgur.resume();
      return null;
    };
    try {
      return await upload(picture, source, current, beginUpload);
    } finally {
      parts.observer?.bytesRead(picture.bytes);
    }
  }

  async function upload(
    picture: Picture,
    { announcedBytes, url }: Source,
    current: Transfer,
    beginUpload: () => Promise<Outcome | null>,
  ): Promise<Transferred> {
    const { mime: type, extension } = picture.type;
    const { cancellation } = current;
    const { clientId } = current.image;
    if (picture.type.kind === 'convertible') return convert(picture, url, current, beginUpload);
    const envelope = { type, filename: filenameOf(url, extension), clientId, cancellation };

    if (announcedBytes !== null) {
      const instead = await beginUpload();
      if (instead) return instead;
      const image = { ...envelope, body: picture, bytes: announcedBytes };
      return described(await parts.upload(image), announcedBytes, type);
    }
    const { chunks, bytes, release } = await collect(picture, parts.budget, current);
    try {
      const instead = await beginUpload();
      if (instead) return instead;
      const body = Readable.from(emptied(chunks), { objectMode: false });
      return described(await parts.upload({ ...envelope, body, bytes }), bytes, type);
    } finally {
      release();
    }
  }

  /** Uploads what a picture is converted to, in the place of the picture. */
  async function convert(
    picture: Picture,
    url: URL,
    current: Transfer,
    beginUpload: () => Promise<Outcome | null>,
  ): Promise<Transferred> {
    const { cancellation, progress } = current;
    const { clientId } = current.image;
    const { converter } = parts;
    if (!converter) throw new Error('Expected a converter for what was let in to be converted');
    const collected = await collect(picture, converter.budget, current);
    progress.sourceIsDone();
    const { type, chunks, bytes, release } = await converter
      .convert(collected, cancellation)
      .finally(collected.release);
    try {
      const instead = await beginUpload();
      if (instead) return instead;
      const body = Readable.from(emptied(chunks), { objectMode: false });
      const filename = filenameOf(url, type.extension);
      const image = { type: type.mime, filename, clientId, cancellation, body, bytes };
      return described(await parts.upload(image), bytes, type.mime, picture.type.mime);
    } finally {
      release();
    }
  }
}

function described(
  outcome: UploadOutcome,
  bytes: number,
  type: string,
  sourceType = type,
): Transferred {
  return outcome.kind === 'uploaded' ? { ...outcome, bytes, type, sourceType } : outcome;
}

/** Reads a picture to its end, in the memory that a budget allows. */
async function collect(
  picture: Picture,
  budget: MemoryBudget,
  current: Transfer,
): Promise<CollectedPicture> {
  const onWait = (): void => current.progress.waitsForMemory();
  const collecting = collectPicture(picture, budget, current.cancellation, onWait);
  current.isInTheWay = collecting.isInTheWay;
  const collected = await collecting.whole;
  current.isInTheWay = null;
  return collected;
}

/**
 * Whatever a cancellation broke on its way: its reason is why it broke. An error that has the reason
 * as its cause says more than that.
 */
function endOf(error: unknown, reason: Error | null): unknown {
  const knowsReason = error instanceof Error && error.cause === reason;
  return reason === null || knowsReason ? error : reason;
}

/** Lets go of each piece as it is taken. */
function* emptied(chunks: Buffer[]): Generator<Buffer> {
  chunks.reverse();
  for (let chunk = chunks.pop(); chunk; chunk = chunks.pop()) yield chunk;
}

/** What a transfer ends with that may not go where the name of its source leads. */
const TOO_MUCH = new Error('too much is under way from where this source leads');

/** Tells the end of a transfer from every other cancellation. Nothing listens for it any more. */
const DONE = new Error('the transfer is over');

interface Limits {
  readonly source: TimeLimit;
  readonly imgur: TimeLimit;
}

function createLimits(parts: RelayParts, cancellation: Cancellation, flow: FlowListener): Limits {
  const { stallTimeoutMs, downloadTimeoutMs, uploadTimeoutMs } = parts;
  return {
    source: new TimeLimit(
      downloadTimeoutMs,
      stallTimeoutMs,
      (limit) =>
        cancellation.cancel(
          limit === 'stall' ? BODY.stalled(stallTimeoutMs) : BODY.slow(downloadTimeoutMs),
        ),
      flow,
    ),
    imgur: new TimeLimit(uploadTimeoutMs, Infinity, () => {
      const message = `Imgur took more than ${seconds(uploadTimeoutMs)} to take the picture.`;
      cancellation.cancel(new RelayError('imgur_timeout', message));
    }),
  };
}
