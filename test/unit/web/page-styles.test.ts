import fs from 'node:fs';
import path from 'node:path';

const WEB = path.join(__dirname, '../../../web');

describe('page.css', () => {
  it('lists every style of the page', () => {
    const text = fs.readFileSync(path.join(WEB, 'page.css'), 'utf8');
    const styles = fs
      .readdirSync(WEB, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.css') && file !== 'page.css');
    expect(styles).toContain(path.join('parts', 'banners.css'));
    const isListed = (file: string): boolean =>
      text.includes(`@import './${file.replaceAll(path.sep, '/')}'`);
    expect({ 'to be imported by page.css': styles.filter((file) => !isListed(file)) }).toEqual({
      'to be imported by page.css': [],
    });
  });
});
