import { readOptions, UsageError } from '../../../cli/options';

const URL = 'https://a.example/x.png';

describe('the options of the client', () => {
  it('come from the command line', () => {
    const args = [URL, '--file', 'a.txt', '--file', '-', '--samples', '--service', 'http://s:1/', '--key', 'k', '--client-id', 'c', '--json']; // prettier-ignore
    expect(readOptions(args, {})).toEqual({
      urls: [URL],
      files: ['a.txt', '-'],
      samples: true,
      service: 'http://s:1',
      key: 'k',
      clientId: 'c',
      json: true,
      csv: false,
      album: null,
      isDelete: false,
    });
  });

  it('have defaults, and take service and key from the environment', () => {
    const unset = { IMAGE_RELAY_URL: '', IMAGE_RELAY_KEY: '' };
    const standard = { service: 'http://localhost:3000', key: null, clientId: null, json: false };
    expect(readOptions([URL], unset)).toMatchObject(standard);
    const env = { IMAGE_RELAY_URL: 'https://relay.example/', IMAGE_RELAY_KEY: 'secret' };
    const given = { service: 'https://relay.example', key: 'secret' };
    expect(readOptions([URL], env)).toMatchObject(given);
    expect(readOptions([URL, '--key', 'other'], env)).toMatchObject({ key: 'other' });
  });

  it.each([[['--help']], [['-h', URL]]])('ask for help with %j', (args) => {
    expect(readOptions(args, {})).toBeNull();
  });

  it.each([
    ['nothing', [], 'Expected URLs, --file or --samples, got none of them.'],
    ['an unknown option', [URL, '--bogus'], "Unknown option '--bogus'"],
    ['an option without its value', [URL, '--file'], "Option '--file <value>' argument missing"],
    ['a service that is no URL', [URL, '--service', 'localhost:3000'], 'Expected --service to be'],
    ['a service of another scheme', [URL, '--service', 'ftp://a'], 'Expected --service to be'],
  ])('are refused: %s', (_what, args, message) => {
    expect(() => readOptions(args, {})).toThrow(UsageError);
    expect(() => readOptions(args, {})).toThrow(message);
  });
});
