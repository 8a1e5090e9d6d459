import { loadConfig } from '../../lib/config';
import { settingWarnings } from '../../lib/setting-warnings';

const warningsOf = (env: Record<string, string>): string[] => settingWarnings(loadConfig(env), env);

describe('what is hardly meant', () => {
  it.each([
    [{ HOST: '0.0.0.0' }, '0.0.0.0'],
    [{ HOST: '::' }, '::'],
    [{ HOST: 'relay.lan' }, 'relay.lan'],
    [{ HOST: '192.0.2.7' }, '192.0.2.7'],
  ])('is to be open to others, with %j', (env, host) => {
    expect(warningsOf(env as Record<string, string>)).toEqual([
      `API_KEYS is not set and the service listens on ${host}: whoever reaches that address may call it`,
    ]);
    expect(warningsOf({ ...env, API_KEYS: 's3cret-key' })).toEqual([]);
  });

  it.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1', 'localhost'])(
    'is not to listen on %s without keys',
    (host) => {
      expect(warningsOf({ HOST: host })).toEqual([]);
    },
  );

  it.each([
    ['IMGUR_CLIENTID', 'IMGUR_CLIENT_ID'],
    ['imgur_client_id', 'IMGUR_CLIENT_ID'],
    ['IMGUR_CLIENT_IDS', 'IMGUR_CLIENT_ID'],
    ['API_KEY', 'API_KEYS'],
    ['API_KEYS_FILES', 'API_KEYS_FILE'],
    ['RETRY_DELAY', 'RETRY_DELAY_MS'],
    ['STALL_TIMEOUT', 'STALL_TIMEOUT_MS'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['CONCURENCY', 'CONCURRENCY'],
  ])('is %s', (name, meant) => {
    expect(warningsOf({ [name]: 's3cret' })).toEqual([`${name} is no setting: is ${meant} meant?`]);
  });

  it('is any other variable that can only be for us', () => {
    expect(warningsOf({ IMGUR_ALBUM: 's3cret' })).toEqual(['IMGUR_ALBUM is no setting']);
  });

  it('is not what other programs are set up with, nor an empty variable', () => {
    const others = 'PATH HOSTNAME POST SPORT GHOST HOSTS EXPORT HTTP_PORT KEY_ID AGENT USER_NAME';
    const more =
      'AWS_ACCESS_KEY_ID LOGNAME MAX_HEAP IMAGE_RELAY_KEY PUBLISH_ADDRESS npm_package_name';
    const names = `${others} ${more}`.split(' ');
    expect(warningsOf(Object.fromEntries(names.map((name) => [name, 'x'])))).toEqual([]);
    expect(warningsOf({ IMGUR_CLIENTID: ' ' })).toEqual([]);
  });

  it('is a secret without what it belongs to', () => {
    const secret = { IMGUR_CLIENT_SECRET: 's3cret' };
    expect(warningsOf(secret)).toEqual([
      'IMGUR_CLIENT_SECRET is of no use without IMGUR_REFRESH_TOKEN and IMGUR_CLIENT_ID',
    ]);
    expect(warningsOf({ ...secret, IMGUR_CLIENT_ID: 's3cret' })).toEqual([
      'IMGUR_CLIENT_SECRET is of no use without IMGUR_REFRESH_TOKEN',
    ]);
    expect(
      warningsOf({ ...secret, IMGUR_CLIENT_ID: 's3cret', IMGUR_REFRESH_TOKEN: 's3cret' }),
    ).toEqual([]);
  });
});
