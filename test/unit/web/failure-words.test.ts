import type { ReasonCode } from '../../../lib/errors';
import type { Image } from '../../../web/api';
import {
  groupFailures,
  imgurShutUntil,
  reasonWords,
  shortReason,
} from '../../../web/failure-words';

const error = (code: ReasonCode, message: string) => ({ code, message, retryable: false });
const failed = (code: ReasonCode, message: string) =>
  ({ url: 'x', status: 'failed', error: error(code, message) }) as Image;

describe('why images failed, for people', () => {
  it.each([
    [
      'source_status',
      'The source answered with status 404, which brings no picture.',
      'not found, 404',
    ],
    ['source_status', 'The source answered with status 503 …', 'an error there, 503'],
    ['source_status', 'The source answered with status 418 …', 'no picture, 418'],
    ['source_status', 'The picture was removed from Imgur.', 'removed'],
    ['dns_failed', 'The name "x" has no address.', 'no such host'],
  ] as const)('%s: %s', (code, message, words) => {
    expect(shortReason(error(code, message))).toBe(words);
  });

  it.each([
    ['The connection to the source broke (EPROTO).', 'The connection to the source broke.'],
    [
      'The source’s certificate is not valid (CERT_HAS_EXPIRED).',
      'The source’s certificate is not valid.',
    ],
    [
      'The source sent 900 of the 48000 bytes that it announced.',
      'The source sent 900 B of the 48 kB that it announced.',
    ],
    [
      'The source announces 20000000 bytes; at most 10485760 are allowed.',
      'The source announces 20.0 MB; at most 10.5 MB are allowed.',
    ],
    ['Not until 2026-11-20T12:34:00.000Z.', /^Not until (?:\d+ \w+, )?\d\d:\d\d\.$/],
  ])('without what is for programs: %s', (message, words) => {
    const said = reasonWords(error('internal', message), new Date('2026-11-20T12:00:00Z'));
    expect(said).toEqual(typeof words === 'string' ? words : expect.stringMatching(words));
  });

  it('grouped, the most frequent first', () => {
    const images = [
      failed('empty', ''),
      failed('source_status', 'status 404'),
      failed('source_status', 'status 404'),
      { url: 'y', error: null } as Image,
    ];
    expect(groupFailures(images)).toEqual([
      { reason: 'not found, 404', count: 2 },
      { reason: 'empty', count: 1 },
    ]);
  });

  it('tells until when Imgur takes nothing, as long as that lies ahead', () => {
    const until = '2026-11-20T12:00:00.000Z';
    const images = [
      failed(
        'imgur_rate_limited',
        `Imgur takes no more uploads with this credential until ${until}.`,
      ),
      failed('imgur_rate_limited', `Imgur has taken no upload since 2026-11-20T13:00:00.000Z.`),
      failed('source_status', 'until 2027-11-20T13:00:00.000Z'),
    ];
    expect(imgurShutUntil(images, Date.parse(until) - 1)).toEqual(new Date(until));
    expect(imgurShutUntil(images, Date.parse(until))).toBeNull();
  });
});
