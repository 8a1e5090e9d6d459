import {
  exception,
  htmlReply,
  jsonReply,
  LEGACY,
  overCapacity,
  type Reply,
  UPLOAD,
} from './replies';

/** A literal reply instead of the ordinary one. */
export interface ReplyFault extends Reply {
  kind: 'reply';
  /** `before-body`: on the headers alone. `after-body`: when the upload has arrived whole. */
  when: 'before-body' | 'after-body';
  /** How long the reply is held back, in milliseconds. */
  delayMs?: number;
  /** Whether the upload becomes a picture all the same; only with `after-body`. */
  stores?: boolean;
}

/** What can go wrong with one upload. */
export type Fault =
  | ReplyFault
  /** The ordinary reply, with the picture stored, so many milliseconds later. */
  | { kind: 'delay'; ms: number }
  /** No reply ever: with the body left unread, or after the picture was stored. */
  | { kind: 'hang'; when: 'before-body' | 'after-body' }
  /** A TCP reset; `after-body`: when the picture was stored, instead of the reply. */
  | { kind: 'reset'; when: 'before-body' | 'after-body' }
  /** A TCP reset once so many bytes of the body were read; nothing is stored. */
  | { kind: 'reset'; when: 'mid-body'; afterBytes: number }
  /** The body is read no faster than this; then the ordinary reply. */
  | { kind: 'slow-read'; bytesPerSecond: number };

/** A reply once the body was read, as Imgur's API gives most of its errors. */
function afterBody(reply: Reply): ReplyFault {
  return { kind: 'reply', when: 'after-body', ...reply };
}

const legacy = (status: number, error: unknown): ReplyFault =>
  afterBody(LEGACY.error(status, error));
const upload = (status: number, error: string): ReplyFault =>
  afterBody(UPLOAD.error(status, error));
const api = (...reply: Parameters<typeof jsonReply>): ReplyFault => afterBody(jsonReply(...reply));
/** An error without the request that it is about. */
const bare = (status: number, error: string, headers = {}): ReplyFault =>
  api(status, JSON.stringify({ data: { error }, success: false, status }), headers);
const html = (...page: Parameters<typeof htmlReply>): ReplyFault => afterBody(htmlReply(...page));

/** The error page of Fastly, which stands before Imgur and runs Varnish. */
function fastly(message: string): ReplyFault {
  const body = `
<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"
 "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html>
  <head>
    <title>503 ${message}</title>
  </head>
  <body>
    <h1>Error 503 ${message}</h1>
    <p>${message}</p>
    <h3>Guru Mediation:</h3>
    <p>Details: cache-fra-etou8220083-FRA 1767225600 1234567890</p>
    <hr>
    <p>Varnish cache server</p>
  </body>
</html>
`;
  return { ...html(503, message, { 'Retry-After': '0' }), body };
}

const VENDOR_TYPE = { 'Content-Type': 'application/vnd.imgur.v1+json' };
const TOO_MANY_REQUESTS =
  '{"errors":[{"id":"legacy-api-7d4b9c6f5d-x2kqv/Zr3kQ9xWm1","code":"429","status":"Too Many Requests","detail":"Too Many Requests"}]}';
const DAILY_LIMIT = legacy(429, 'Daily client requests exceeded');

/**
 * Everything that Imgur is known to answer when it does not simply take a picture. The keys begin
 * with the row of the table of errors, or say what happens to the connection or to the reply. The
 * bodies are literal; those that are quoted only by their text stand in the envelope of their back end.
 */
export const IMGUR_FAULTS = {
  // Refusals of this picture.
  row1_file_type_invalid: legacy(400, exception(1003, 'File type invalid (1)')),
  row2_over_size_limit: legacy(400, 'File is over the size limit'),
  row3_unsupported_type: upload(400, "We don't support that file type!"),
  row3_bad_request: upload(400, 'Bad Request'),

  // Limits and blocks under status 400.
  row4_too_fast: legacy(
    400,
    exception(429, 'You are uploading too fast. Please wait 59 more minutes.'),
  ),
  row4_uploading_file_too_fast: legacy(400, 'Uploading file too fast!'),
  row5_forbidden: legacy(400, exception(403, 'Forbidden')),
  row5_actions_forbidden: bare(400, 'These actions are forbidden.', { 'Retry-After': '0' }),

  // Credentials.
  row6_authentication_required: legacy(401, 'Authentication required'),
  row7_malformed_auth_header: legacy(403, 'Malformed auth header'),
  row8_invalid_client_id: legacy(403, 'Invalid client_id'),
  row9_invalid_access_token: legacy(403, 'The access token provided is invalid.'),

  row10_over_capacity: afterBody(overCapacity()),
  row11_too_large: afterBody(UPLOAD.tooLarge()),
  row12_expectation_failed: api(417, UPLOAD.error(417, 'Internal expectation failed').body, {
    Connection: 'close',
  }),

  // Limits.
  row13_daily_limit: DAILY_LIMIT,
  row14_too_many_requests: api(429, TOO_MANY_REQUESTS, VENDOR_TYPE),
  row14_wait_37_minutes: legacy(
    429,
    exception(429, 'You are uploading too fast. Please wait 37 more minutes.'),
  ),
  row14_user_limit_spent: api(429, TOO_MANY_REQUESTS, {
    ...VENDOR_TYPE,
    'X-RateLimit-UserLimit': '500',
    'X-RateLimit-UserRemaining': '0',
    'X-RateLimit-UserReset': '3600',
  }),
  row15_two_documents: api(429, `${DAILY_LIMIT.body}\n${TOO_MANY_REQUESTS}\n`),
  row15_html: html(429, '429 Too Many Requests'),

  // Troubles that pass.
  row16_could_not_process: legacy(500, 'Could not process upload!'),
  row16_errors: api(
    500,
    '{"errors":[{"id":"","code":"500","status":"Internal Server Error","detail":"Internal Server Error"}]}',
    VENDOR_TYPE,
  ),
  row17_first_byte_timeout: fastly('first byte timeout'),
  row17_client_read_error: fastly('client read error'),
  row18_not_found: html(404, '404 Not Found'),
  row18_method_not_allowed: html(405, '405 Method Not Allowed', { Allow: 'GET' }),
  row18_gateway_timeout: html(504, '504 Gateway Time-out'),

  // A 200 that is none.
  ok_without_link: api(
    200,
    '{"data":{"id":"SKAxiks","deletehash":"1NV90wWpO691n05"},"success":true,"status":200}',
  ),
  ok_without_data: api(200, '{"data":null,"success":true,"status":200}'),
  ok_not_json: html(200, 'imgur: the simple image sharer'),
  ok_cut_json: api(200, '{"data":{"id":"SKAxiks","link":"https:\\/\\/i.im'),
  ok_empty: api(200, ''),
  ok_success_false: { ...legacy(500, 'Could not process upload!'), status: 200 },
  ok_success_false_429: { ...DAILY_LIMIT, status: 200 },

  // The connection.
  early_over_capacity: { ...afterBody(overCapacity(503)), when: 'before-body' },
  reset_before_body: { kind: 'reset', when: 'before-body' },
  reset_mid_body: { kind: 'reset', when: 'mid-body', afterBytes: 1024 },
  reset_after_body: { kind: 'reset', when: 'after-body' },
  hang_before_body: { kind: 'hang', when: 'before-body' },
  hang_after_body: { kind: 'hang', when: 'after-body' },
  slow_reply: { kind: 'delay', ms: 1000 },
  slow_read: { kind: 'slow-read', bytesPerSecond: 65_536 },
} as const satisfies Record<string, Fault>;
