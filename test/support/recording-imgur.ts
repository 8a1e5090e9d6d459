import type { FaultScript } from '../../lib/imgur-stand-in/play';
import type { ReceivedUpload } from '../../lib/imgur-stand-in/upload';
import {
  startImgurStandIn,
  type ImgurStandIn,
  type ImgurStandInOptions,
} from '../../lib/imgur-stand-in/server';

export interface RecordingImgur extends Pick<ImgurStandIn, 'url' | 'close'> {
  /** Every upload that arrived whole, whatever was answered. */
  readonly uploads: ReceivedUpload[];
  /** When each request to upload began, arrived whole or not; `performance.now()`. */
  readonly requests: number[];
  /** How often a token was asked for. */
  readonly refreshes: number;
}

/** An Imgur on a port of its own that keeps account of what it was sent. */
export async function startRecordingImgur(
  options: Partial<ImgurStandInOptions> = {},
): Promise<RecordingImgur> {
  const { script, tokenScript } = options;
  const uploads: ReceivedUpload[] = [];
  const requests: number[] = [];
  let refreshes = 0;
  const counted: FaultScript = (request) => {
    requests.push(performance.now());
    return script?.(request);
  };
  const imgur = await startImgurStandIn({
    publicUrl: 'http://i.test',
    maxBytes: 200_000_000,
    maxImageBytes: 20_000_000,
    samplesDir: null,
    ...options,
    script: counted,
    tokenScript: (request) => {
      refreshes += 1;
      return tokenScript?.(request);
    },
    onUpload: (upload) => uploads.push(upload),
  });
  return {
    url: imgur.url,
    close: () => imgur.close(),
    uploads,
    requests,
    get refreshes() {
      return refreshes;
    },
  };
}
