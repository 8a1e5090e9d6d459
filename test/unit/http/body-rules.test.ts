import { handler } from '../../../handlers/create-upload';
import type { Answer } from '../../../lib/http/answer';
import { isJson } from '../../../lib/http/body-rules';
import { bodyOf, invoke } from '../../support/invoke';
import { installTestApp, type TestApp } from '../../support/test-app';

describe('isJson', () => {
  it.each([
    'application/json',
    'application/JSON',
    'Application/Json',
    'application/json;',
    'application/json ; charset=utf-8',
    'application/json;charset="utf-8";;',
    'application/vnd.api+json',
    ' application/json ',
  ])('takes %j', (type) => {
    expect(isJson(type)).toBe(true);
  });

  it.each(['', ';', 'json', 'text/json', 'application/jsonp', 'application/xjson', 'text/plain'])(
    'does not take %j',
    (type) => {
      expect(isJson(type)).toBe(false);
    },
  );
});

describe('a body', () => {
  const URL = 'https://a.example/é.png';
  const JSON_TEXT = JSON.stringify({ urls: [URL] });
  let test: TestApp;
  beforeEach(() => (test = installTestApp()));

  const post = (body: string, type = 'application/json'): Promise<Answer> =>
    invoke(handler, { method: 'POST', headers: { 'content-type': type }, body });
  /** As the gateway hands on what is not text to it. */
  const postBytes = (bytes: Buffer): Promise<Answer> => {
    const encoded = (event: Record<string, unknown>, context: object) =>
      handler({ ...event, isBase64Encoded: true } as never, context as never);
    return invoke(encoded, { method: 'POST', body: bytes.toString('base64') });
  };
  const urlOf = async (answer: Answer): Promise<string | undefined> => {
    expect(answer.statusCode).toBe(202);
    const job = await test.app.store.get(bodyOf<{ jobId: string }>(answer).jobId);
    return job?.images[0]?.url;
  };

  it.each(['application/JSON', 'application/json;', 'application/json ; charset=utf-8'])(
    'of the type %j is parsed',
    async (type) => {
      expect(await urlOf(await post(JSON_TEXT, type))).toBe(URL);
    },
  );

  it('may begin with a byte-order mark, as text and as bytes', async () => {
    expect(await urlOf(await post(`\uFEFF${JSON_TEXT}`))).toBe(URL);
    expect(await urlOf(await postBytes(Buffer.from(`\uFEFF${JSON_TEXT}`)))).toBe(URL);
  });

  it('that is no UTF-8 is refused: what it names is not known', async () => {
    const answer = await postBytes(Buffer.from(JSON_TEXT, 'latin1'));
    expect([answer.statusCode, bodyOf(answer)['detail']]).toEqual([
      400,
      'Expected a body in UTF-8, got other bytes.',
    ]);
    expect(test.invoked).toEqual([]);
  });
});
