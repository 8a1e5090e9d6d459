import type { ReasonCode } from '../../lib/errors';
import { IMGUR_FAULTS } from '../../lib/imgur-stand-in/faults';
import { awaitUntil } from '../support/await-until';
import { ATTEMPTS, picturesOf, startBehind } from '../support/broken-imgur';
import { picture } from '../support/pictures';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(30_000);

const JPEG = picture('baseline.jpg');

let source: SourceServer;
beforeAll(async () => {
  source = await startSource({
    // Never whole: for connections that end before Imgur can have the image.
    '/held.jpg': (_request, response) => {
      response.writeHead(200, { 'content-length': JPEG.length });
      response.write(JPEG.subarray(0, -100));
    },
  });
});
afterAll(() => source.close());

type FaultName = keyof typeof IMGUR_FAULTS;

/** How an image ends when every upload of it meets the fault, and after how many. */
const ENDS: Partial<Record<FaultName, readonly [ReasonCode | 'complete', uploads: number]>> = {
  row1_file_type_invalid: ['imgur_rejected', 1],
  row2_over_size_limit: ['too_large', 1],
  row3_unsupported_type: ['imgur_rejected', 1],
  row3_bad_request: ['imgur_rejected', 1],
  row5_forbidden: ['imgur_forbidden', 1],
  row5_actions_forbidden: ['imgur_forbidden', 1],
  row6_authentication_required: ['imgur_auth', 1],
  row7_malformed_auth_header: ['imgur_auth', 1],
  row8_invalid_client_id: ['imgur_auth', 3],
  row9_invalid_access_token: ['imgur_auth', 1],
  row11_too_large: ['too_large', 1],
  row12_expectation_failed: ['imgur_unavailable', 3],
  row16_could_not_process: ['imgur_unavailable', ATTEMPTS],
  row16_errors: ['imgur_unavailable', ATTEMPTS],
  row17_first_byte_timeout: ['imgur_unavailable', ATTEMPTS],
  row17_client_read_error: ['imgur_unavailable', ATTEMPTS],
  row18_not_found: ['imgur_rejected', 1],
  row18_method_not_allowed: ['imgur_rejected', 1],
  row18_gateway_timeout: ['imgur_unavailable', ATTEMPTS],
  ok_without_link: ['imgur_bad_response', 2],
  ok_without_data: ['imgur_bad_response', 2],
  ok_not_json: ['imgur_bad_response', 2],
  ok_cut_json: ['imgur_bad_response', 2],
  ok_empty: ['imgur_bad_response', 2],
  ok_success_false: ['imgur_unavailable', ATTEMPTS],
  early_over_capacity: ['imgur_unavailable', ATTEMPTS],
  reset_before_body: ['imgur_unavailable', 2],
  reset_mid_body: ['imgur_unavailable', 2],
  reset_after_body: ['imgur_unavailable', 2],
  hang_before_body: ['imgur_timeout', 2],
  hang_after_body: ['imgur_timeout', 2],
  slow_reply: ['complete', 1],
  slow_read: ['complete', 1],
};

/** Those that pause the credential: for how long they ask, in minutes; null: they do not say. */
const PAUSES: Partial<Record<FaultName, number | null>> = {
  row4_too_fast: 59,
  row4_uploading_file_too_fast: null,
  row10_over_capacity: null,
  row13_daily_limit: null,
  row14_too_many_requests: null,
  row14_wait_37_minutes: 37,
  row14_user_limit_spent: 60,
  row15_two_documents: null,
  row15_html: null,
  ok_success_false_429: null,
};

const entries = <T>(table: Partial<Record<FaultName, T>>): [FaultName, T][] =>
  Object.entries(table) as [FaultName, T][];

describe('an image of which every upload meets', () => {
  it('one of all the faults that there are', () => {
    const tested = [...Object.keys(ENDS), ...Object.keys(PAUSES)];
    expect(tested.sort()).toEqual(Object.keys(IMGUR_FAULTS).sort());
  });

  it.each(entries(ENDS).map(([name, [ends, uploads]]) => ({ name, ends, uploads })))(
    '$name: $ends after $uploads',
    async ({ name, ends, uploads }) => {
      const { service, imgur } = await startBehind(() => IMGUR_FAULTS[name], {
        ...(ends === 'imgur_timeout' ? { UPLOAD_TIMEOUT_MS: '150' } : {}),
      });
      const isCutEarly = name === 'reset_before_body' || name === 'reset_mid_body';
      const url = `${source.url}/${isCutEarly ? 'held.jpg' : 'baseline.jpg'}`;
      const [image] = await service.relay([url]);
      expect([image?.error?.code ?? image?.status, image?.attempts]).toEqual([ends, uploads]);
      expect(imgur.requests).toHaveLength(uploads);
      // Three refusals of a credential are enough to doubt it.
      const isDoubted = name === 'row8_invalid_client_id';
      expect(service.app.gate.pausedUntil() !== null).toBe(isDoubted);
      // One sentence, whatever Imgur's own words in it are.
      const sentence = image?.error?.message.replace(/"[^\n]*"/, '""') ?? 'Complete.';
      expect(sentence).toMatch(/^[A-Z](?:(?!\. )[^\n])*\.$/);
      const isTold = service.lines.some(({ possibleDuplicate }) => possibleDuplicate === true);
      expect(isTold).toBe(/^(?:reset|hang)_/.test(name) || ends === 'imgur_bad_response');
    },
  );

  it('a refusal that does not say for how long, once: waits for about 1 s and completes', async () => {
    const names = entries(PAUSES).flatMap(([name, minutes]) => (minutes === null ? [name] : []));
    expect(names).toHaveLength(7);
    await Promise.all(names.map((name) => expectShortPause(name)));
  });

  async function expectShortPause(name: FaultName): Promise<void> {
    const { service, imgur } = await startBehind(({ count }) =>
      count === 1 ? IMGUR_FAULTS[name] : undefined,
    );
    const { id, done } = await service.start(picturesOf(source, 1));
    const until = await awaitUntil('the pause', () => service.app.gate.pausedUntil());
    expect(Date.parse(until) - Date.now()).toBeLessThan(1200);
    await awaitUntil('the image to wait', async () => {
      const [image] = await service.images(id);
      return image?.status === 'pending';
    });
    await done;
    const [image] = await service.images(id);
    expect([name, image?.status, image?.attempts]).toEqual([name, 'complete', 1]);
    expect(imgur.requests).toHaveLength(2);
    expect(imgur.requests[1]! - imgur.requests[0]!).toBeGreaterThan(950);
    expect(service.app.gate.pausedUntil()).toBeNull();
  }

  it.each(entries(PAUSES).filter(([, minutes]) => minutes !== null))(
    '%s waits for as long as it is asked: for %d minutes',
    async (name, minutes) => {
      const { service, imgur } = await startBehind(() => IMGUR_FAULTS[name], { CONCURRENCY: '1' });
      const { id, done } = await service.start(picturesOf(source, 3));
      const until = await awaitUntil('the pause', () => service.app.gate.pausedUntil());
      const ms = Date.parse(until) - Date.now();
      expect(ms).toBeGreaterThan(minutes! * 60_000 - 5000);
      expect(ms).toBeLessThan(minutes! * 60_000 + 5000);
      await awaitUntil('the images to wait', async () =>
        (await service.images(id)).every(({ status }) => status === 'pending'),
      );
      expect(imgur.requests).toHaveLength(1);
      expect(service.lines.filter(({ pausedUntil }) => pausedUntil !== undefined)).toHaveLength(1);
      await service.app.drain();
      await done;
    },
  );

  it.each(entries(PAUSES).filter(([, minutes]) => minutes !== null))(
    '%s fails at once where that is longer than MAX_PAUSE_MS',
    async (name) => {
      const settings = { MAX_PAUSE_MS: '60000', CONCURRENCY: '1' };
      const { service, imgur } = await startBehind(() => IMGUR_FAULTS[name], settings);
      const images = await service.relay(picturesOf(source, 3));
      expect(images.map(({ error }) => error?.code)).toEqual(Array(3).fill('imgur_rate_limited'));
      expect(imgur.requests).toHaveLength(1);
    },
  );
});
