import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import type { Network } from '../../../lib/config';
import { createGuard } from '../../../lib/net/guard';
import { parseSourceUrl } from '../../../lib/net/source-url';
import {
  CLOSED_IPV4,
  dotted,
  edges,
  groupsOf,
  isClosedIPv4,
  isClosedIPv6,
  toNumber,
} from './oracle';

const networks = (...cidrs: string[]): Network[] => cidrs.map((cidr) => ipaddr.parseCIDR(cidr));
const guardOf = (options: Partial<Parameters<typeof createGuard>[0]> = {}) =>
  createGuard({
    allowedNetworks: [],
    allowedPorts: [80, 443],
    ownAddresses: () => [],
    ...options,
  });
const kindOf = (url: string, guard = guardOf()) => guard.judgeUrl(new URL(url))?.kind ?? null;

/** Every way to write one IPv4 address that a WHATWG parser or inet_aton would understand. */
function spellings(value: number): string[] {
  const bytes = dotted(value).split('.').map(Number);
  const [a = 0, b = 0] = bytes;
  const written = (parts: number[]) => [
    parts.map(String).join('.'),
    parts.map((part) => `0x${part.toString(16)}`).join('.'),
    parts.map((part) => `0X000${part.toString(16).toUpperCase()}`).join('.'),
    parts.map((part) => `0${part.toString(8)}`).join('.'),
    parts.map((part) => `0000${part.toString(8)}`).join('.'),
    parts.map((part, at) => (at % 2 ? `0x${part.toString(16)}` : `0${part.toString(8)}`)).join('.'),
  ];
  const all = [bytes, [a, b, value & 0xffff], [a, value & 0xffffff], [value]].flatMap(written);
  const plain = bytes.join('.');
  const escaped = Array.from(plain, (char) => `%${char.charCodeAt(0).toString(16)}`).join('');
  const wide = Array.from(plain, (char) => String.fromCodePoint(char.charCodeAt(0) + 0xfee0)).join(
    '',
  );
  const hex = value.toString(16).padStart(8, '0');
  const groups = `${hex.slice(0, 4)}:${hex.slice(4)}`;
  return [
    ...all,
    ...all.map((text) => `${text}.`),
    escaped,
    wide,
    plain.replaceAll('.', '。'),
    plain.replaceAll('.', '%2E'),
    ...['::', '::ffff:', '::ffff:0:', '64:ff9b::', '64:ff9b:1::', '2606:4700::5efe:'].flatMap(
      (prefix) => [`[${prefix}${plain}]`, `[${prefix}${groups}]`],
    ),
    `[2002:${groups}::1]`,
  ];
}

describe('the guard, of a URL', () => {
  it.each([
    'http://localhost/',
    'http://LOCALHOST./',
    'http://a.localhost/',
    'http://x.localdomain/',
    'http://metadata.google.internal/',
    'http://printer.local/',
    'http://nas.lan/',
    'http://nas.home/',
    'http://nas.home.arpa/',
    'http://home.arpa/',
    'http://ad.corp/',
    'http://intranet/',
    'http://wiki.intranet/',
    'http://a.private/',
    'http://a.mail/',
    'http://a.onion/',
    'http://a.i2p/',
    'http://a.alt/',
    'http://a.test/',
    'http://a.invalid/',
  ])('refuses the name in %s', (url) => {
    expect(kindOf(url)).toBe('local_name');
  });

  it.each([
    'http://localhost.example.com/',
    'http://internal.example.com/',
    'http://notlocalhost/',
    'http://mylan/',
    'http://lan.example/',
    'http://arpa/',
    'http://xhome.arpa/',
    'http://minio/',
    'https://example.com/',
  ])('leaves the name in %s to DNS', (url) => {
    expect(kindOf(url)).toBeNull();
  });

  it.each([
    ['http://10.0.0.1/', 'not_public'],
    ['http://10.0.0.1:22/', 'not_public'],
    ['http://[::1]:6379/', 'not_public'],
    ['http://8.8.8.8:22/', 'closed_port'],
    ['http://example.com:22/', 'closed_port'],
    ['http://example.com:443/', null],
    ['https://example.com:80/', null],
    ['https://[2606:4700::1111]/', null],
  ])('judges %s as %s', (url, kind) => {
    expect(kindOf(url)).toBe(kind);
  });

  it('says which ports are open', () => {
    expect(guardOf().judgeUrl(new URL('http://example.com:22/'))).toMatchObject({
      kind: 'closed_port',
      facts: { port: 22, allowedPorts: [80, 443] },
    });
    expect(kindOf('http://example.com:8080/', guardOf({ allowedPorts: [8080] }))).toBeNull();
    expect(kindOf('http://example.com/', guardOf({ allowedPorts: [8080] }))).toBe('closed_port');
    // A URL without a port has that of its scheme.
    for (const [port, open, closed] of [
      [80, 'http', 'https'],
      [443, 'https', 'http'],
    ] as const) {
      const guard = guardOf({ allowedPorts: [port] });
      const codes = [open, closed].map((scheme) => kindOf(`${scheme}://example.com/`, guard));
      expect(codes).toEqual([null, 'closed_port']);
    }
  });

  it('refuses every spelling of every closed IPv4 address', () => {
    const guard = guardOf();
    const inRange = fc
      .constantFrom(...CLOSED_IPV4.map(edges))
      .chain(([first, last]) => fc.integer({ min: first, max: last }));
    fc.assert(
      fc.property(inRange, (value) => {
        const open = spellings(value).filter((host) => {
          const parsed = parseSourceUrl(`http://${host}/`);
          return !parsed.ok || guard.judgeUrl(parsed.url)?.kind !== 'not_public';
        });
        expect(open).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('opens the dotted, decimal, hexadecimal and octal spellings of a public IPv4 address', () => {
    for (const host of spellings(toNumber('8.8.8.8')).filter((text) => !text.includes('['))) {
      expect({ host, kind: kindOf(`http://${host}/`) }).toEqual({ host, kind: null });
    }
  });

  it('lets no text through whose host is a closed literal address', () => {
    const guard = guardOf();
    const part = fc.oneof(
      fc.nat(300).map(String),
      fc.nat(0xffff).map((value) => `0x${value.toString(16)}`),
      fc.nat(0xffff).map((value) => value.toString(16)),
      fc.nat(0o400).map((value) => `0${value.toString(8)}`),
      fc.constantFrom('', '127', '5efe', '2001', '2606', '0', '%31', '１', 'ffff', 'db8', '@'),
    );
    const glued = fc
      .tuple(fc.array(part, { minLength: 1, maxLength: 9 }), fc.constantFrom('.', ':', '。', '::'))
      .map(([parts, glue]) => parts.join(glue));
    const host = fc.oneof(
      glued,
      glued.map((text) => `[${text}]`),
      fc.tuple(fc.ipV4(), fc.constantFrom('', '.', ':80', '%2e')).map((pair) => pair.join('')),
      fc.ipV4Extended(),
      fc.ipV6().map((text) => `[${text}]`),
      fc.string({ unit: 'binary' }),
    );
    let literals = 0;
    fc.assert(
      fc.property(fc.constantFrom('http://', 'https://', 'HTTP:\\', ''), host, (scheme, text) => {
        const parsed = parseSourceUrl(`${scheme}${text}/`);
        if (!parsed.ok || guard.judgeUrl(parsed.url) !== null) return;
        const { hostname } = parsed.url;
        if (hostname.startsWith('[')) {
          literals += 1;
          expect({ hostname, closed: isClosedIPv6(groupsOf(hostname.slice(1, -1))) }).toEqual({
            hostname,
            closed: false,
          });
        } else if (/^[\d.]+$/.test(hostname)) {
          literals += 1;
          expect({ hostname, closed: isClosedIPv4(hostname) }).toEqual({ hostname, closed: false });
        }
      }),
      { numRuns: 5000 },
    );
    // Otherwise nothing was compared.
    expect(literals).toBeGreaterThan(50);
  });
});

describe('the guard, of an address that a name resolved to', () => {
  it.each([
    ['10.1.2.3', 80, 'not_public'],
    ['8.8.8.8', 80, null],
    ['8.8.8.8', 8080, 'closed_port'],
    ['::ffff:8.8.8.8', 80, 'not_public'],
    ['fe80::1%eth0', 80, 'not_public'],
    ['nonsense', 80, 'not_public'],
  ])('judges %s on port %i as %s', (address, port, kind) => {
    expect(guardOf().judgeAddress(address, port)?.kind ?? null).toBe(kind);
  });

  it("refuses the service's own public addresses, however they are written", () => {
    const guard = guardOf({ ownAddresses: () => ['93.184.215.20', '2606:4700:0:0:0:0:0:AB'] });
    expect(guard.judgeAddress('93.184.215.20', 443)?.kind).toBe('own_address');
    expect(guard.judgeAddress('2606:4700::ab', 443)?.kind).toBe('own_address');
    expect(guard.judgeAddress('93.184.215.21', 443)).toBeNull();
    expect(kindOf('http://93.184.215.20/', guard)).toBe('own_address');
  });

  it('opens an own address that an allowed network or open endpoint covers', () => {
    const ownAddresses = () => ['93.184.215.20'];
    const byNetwork = guardOf({ ownAddresses, allowedNetworks: networks('93.184.215.20/32') });
    const byEndpoint = guardOf({ ownAddresses });
    byEndpoint.open('93.184.215.20', 80);
    expect(byNetwork.judgeAddress('93.184.215.20', 80)).toBeNull();
    expect(byEndpoint.judgeAddress('93.184.215.20', 80)).toBeNull();
    expect(byEndpoint.judgeAddress('93.184.215.20', 443)?.kind).toBe('own_address');
  });
});

describe('the guard with allowed networks', () => {
  const guard = guardOf({ allowedNetworks: networks('10.0.0.0/8', 'fd00::/8', '127.0.0.0/8') });

  it.each([
    ['http://10.1.2.3/', null],
    ['http://10.1.2.3:9000/', null],
    ['http://[fd12::1]:9000/', null],
    ['http://localhost:9000/', null],
    ['http://11.1.2.3:9000/', 'closed_port'],
    ['http://192.168.0.1/', 'not_public'],
    ['http://[::ffff:10.1.2.3]/', 'not_public'],
    ['http://[::1]/', 'not_public'],
    // Names are for DNS to answer, since their addresses may be in an allowed network.
    ['http://example.com:9000/', null],
    ['http://minio.internal:9000/', null],
    ['http://a.onion/', 'local_name'],
    ['http://a.invalid/', 'local_name'],
  ])('judges %s as %s', (url, kind) => {
    expect(kindOf(url, guard)).toBe(kind);
  });

  it('judges the answers for a name on any port by the network they are in', () => {
    expect(guard.judgeAddress('10.1.2.3', 9000)).toBeNull();
    expect(guard.judgeAddress('8.8.8.8', 9000)?.kind).toBe('closed_port');
    expect(guard.judgeAddress('192.168.0.1', 9000)?.kind).toBe('not_public');
  });

  it('does not open localhost with a network that is not its own', () => {
    const other = guardOf({ allowedNetworks: networks('10.0.0.0/8') });
    expect(kindOf('http://localhost/', other)).toBe('local_name');
    expect(
      kindOf('http://localhost/', guardOf({ allowedNetworks: networks('::1/128') })),
    ).toBeNull();
  });
});

describe('the guard with an open endpoint', () => {
  it.each([
    ['http://127.0.0.1:4567/', null],
    ['http://localhost:4567/', null],
    ['http://127.0.0.1:4568/', 'not_public'],
    ['http://127.0.0.1/', 'not_public'],
    ['http://127.0.0.2:4567/', 'not_public'],
    ['http://[::1]:4567/', 'not_public'],
    ['http://[::ffff:127.0.0.1]:4567/', 'not_public'],
    ['http://example.com:4567/', 'closed_port'],
  ])('judges %s as %s', (url, kind) => {
    const guard = guardOf();
    guard.open('127.0.0.1', 4567);
    expect(kindOf(url, guard)).toBe(kind);
  });

  it('takes one that is opened later, in any spelling', () => {
    const guard = guardOf();
    expect(kindOf('http://[::1]:4567/', guard)).toBe('not_public');
    guard.open('0:0:0:0:0:0:0:1', 4567);
    expect(kindOf('http://[::1]:4567/', guard)).toBeNull();
    expect(kindOf('http://[::1]:4568/', guard)).toBe('not_public');
  });

  it('refuses to open what is not an address', () => {
    expect(() => guardOf().open('localhost', 80)).toThrow(
      'Expected an IP address to open, got "localhost"',
    );
  });
});

describe('what a refusal of the guard tells the log', () => {
  const own = { ownAddresses: () => ['8.8.4.4'] };
  const PORTS_RULE = 'only the ports 80, 443 (DOWNLOAD_ALLOWED_PORTS)';

  it.each([
    [
      'http://8.8.8.8:22/',
      { address: '8.8.8.8', port: 22, rule: PORTS_RULE, allowedPorts: [80, 443] },
    ],
    [
      'http://a.example.com:22/',
      { host: 'a.example.com', port: 22, rule: PORTS_RULE, allowedPorts: [80, 443] },
    ],
    ['http://8.8.4.4/', { address: '8.8.4.4', port: 80, rule: 'an address of this machine' }],
    [
      'http://[fe80::1]/',
      { address: 'fe80::1', port: 80, rule: expect.stringMatching('fe80::/10') },
    ],
    ['http://a.localhost/', { host: 'a.localhost', rule: 'a name of this machine (RFC 6761)' }],
    ['http://a.lan/', { host: 'a.lan', rule: 'a name for use inside networks' }],
  ])('of %s', (url, facts) => {
    expect(guardOf(own).judgeUrl(new URL(url))?.facts).toEqual(facts);
  });
});
