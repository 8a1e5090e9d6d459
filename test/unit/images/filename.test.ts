import { filenameOf } from '../../../lib/images/filename';

describe('filenameOf', () => {
  it.each([
    ['https://a.example/holiday/beach.jpeg', 'beach.png'],
    ['https://a.example/beach.tar.gz?name=secret', 'beach.tar.png'],
    ['https://a.example/', 'image.png'],
    ['https://a.example/..%2f..%2fetc%2fpasswd', '2f.._2fetc_2fpasswd.png'],
    ['https://a.example/%22%0d%0aEvil:%201', '22_0d_0aEvil_201.png'],
    ['https://a.example/.htaccess', 'htaccess.png'],
    [`https://a.example/${'x'.repeat(500)}.png`, `${'x'.repeat(80)}.png`],
  ])('names %s %s', (url, name) => {
    expect(filenameOf(new URL(url), 'png')).toBe(name);
  });
});
