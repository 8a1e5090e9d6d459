import { formatLinks, isOpenable, thumbnailOf } from '../../../web/link-formats';

describe('links to paste elsewhere', () => {
  const links = [
    { link: 'https://i.imgur.com/aB3dE5g.jpg', url: 'https://a.example/x/my%20cat[1].jpg?w=1' },
    { link: 'http://x.example/a(1).png?a=1&b="2"[3]' },
  ];

  it.each([
    ['plain', 'https://i.imgur.com/aB3dE5g.jpg\nhttp://x.example/a(1).png?a=1&b="2"[3]'],
    [
      'markdown',
      '![my cat\\[1\\].jpg](https://i.imgur.com/aB3dE5g.jpg)\n![](http://x.example/a%281%29.png?a=1&b="2"[3])',
    ],
    [
      'html',
      '<img src="https://i.imgur.com/aB3dE5g.jpg" alt="my cat[1].jpg">\n' +
        '<img src="http://x.example/a(1).png?a=1&amp;b=&quot;2&quot;[3]" alt="">',
    ],
    [
      'bbcode',
      '[img]https://i.imgur.com/aB3dE5g.jpg[/img]\n[img]http://x.example/a(1).png?a=1&b="2"%5B3%5D[/img]',
    ],
  ] as const)('as %s', (format, text) => {
    expect(formatLinks(links, format)).toBe(text);
  });
});

describe('thumbnails', () => {
  it.each([
    ['https://i.imgur.com/aB3dE5g.jpg', 'https://i.imgur.com/aB3dE5gb.jpg'],
    ['https://i.imgur.com/aB3dE.gif', 'https://i.imgur.com/aB3dEb.jpg'],
    ['http://localhost:3000/embedded/aB3dE5g.png', 'http://localhost:3000/embedded/aB3dE5g.png'],
    ['https://i.imgur.com/a/aB3dE5g.jpg', 'https://i.imgur.com/a/aB3dE5g.jpg'],
  ])('of %s', (link, thumbnail) => {
    expect(thumbnailOf(link)).toBe(thumbnail);
  });

  it.each([
    ['https://i.imgur.com/x.png', true],
    ['http://localhost:3000/x.png', true],
    ['javascript:alert(1)', false],
    ['//i.imgur.com/x.png', false],
  ])('%s may be opened: %s', (link, expected) => {
    expect(isOpenable(link)).toBe(expected);
  });
});
