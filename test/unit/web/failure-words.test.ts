import type { ReasonCode } from '../../../lib/errors';
import { tooManyPixels } from '../../../lib/images/convert/refusals';
import { ANSWER, BODY, failureError } from '../../../lib/images/source-errors';
import type { NetProblem } from '../../../lib/net/net-error';
import type { Image } from '../../../web/api';
import {
  groupFailures,
  imgurShutUntil,
  reasonWords,
  shortReason,
} from '../../../web/failure-words';

const KINDS: readonly NetProblem[] = [
  'closed_port',
  'no_address',
  'connect_timeout',
  'broken',
  'bad_certificate',
  'bad_tls',
  'own_fault',
];
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
    [
      'The picture takes more than the 10485760 bytes allowed once it is converted.',
      'The picture takes more than the 10.5 MB allowed once it is converted.',
    ],
    [
      'The picture has 20000000 pixels in all; at most 16000000 are converted.',
      'The picture has 20,000,000 pixels in all; at most 16,000,000 are converted.',
    ],
    [
      'Imgur is not available just now (HTTP 503): "Over capacity".',
      'Imgur is not available just now: "Over capacity".',
    ],
    ['Not until 2026-11-20T12:34:00.000Z.', /^Not until (?:\d+ \w+, )?\d\d:\d\d\.$/],
  ])('without what is for programs: %s', (message, words) => {
    const said = reasonWords(error('internal', message), new Date('2026-11-20T12:00:00Z'));
    expect(said).toEqual(typeof words === 'string' ? words : expect.stringMatching(words));
  });

  it('without codes, long figures or times of programs in any sentence of the service', () => {
    const facts = { port: 81, allowedPorts: [80], hostname: 'a.example', timeoutMs: 5000 };
    const made = [
      ...KINDS.map((kind) =>
        failureError({ kind, facts: { ...facts, code: 'ERR_SSL_TLSV1_ALERT' } }),
      ),
      ANSWER.announcesTooMuch(20_000_000, 10_485_760),
      ANSWER.statusToWait(503, 90_000),
      ANSWER.part(),
      BODY.tooMuch(10_485_760),
      BODY.short(900, 48_000),
      BODY.stalled(10_000),
      tooManyPixels(20_000_000, 16_000_000),
    ];
    for (const { code, message } of made) {
      const said = reasonWords(error(code, message));
      expect(said).not.toMatch(/\d{5}|[A-Z]{2}_|\bE[A-Z]{3,}|T\d\d:|Expected|undefined/);
    }
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
