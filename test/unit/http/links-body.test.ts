import { LinksBody } from '../../../lib/http/links-body';
import type { Links } from '../../../lib/jobs/job-store';

/** Links of a service that keeps `kept` of the `count` that it had, and what was asked for them. */
function store(count = 0, kept = Infinity) {
  const links = Array.from({ length: count }, (_, n) => `https://i.imgur.com/${n}.png`);
  return {
    links,
    kept,
    asked: 0,
    linksFrom(position: number, most: number): Promise<Links> {
      this.asked += most;
      const oldest = Math.max(0, this.links.length - this.kept);
      const from = Math.max(position, oldest);
      return Promise.resolve({ oldest, links: this.links.slice(from, from + most) });
    },
  };
}

describe('LinksBody', () => {
  it.each([0, 1, 999, 1000, 1001, 25_000])('holds all of %i links, in order', async (count) => {
    const all = store(count);
    const body = new LinksBody(all);
    for (let time = 0; time < 2; time += 1) {
      expect(JSON.parse(await body.read())).toEqual({ uploaded: all.links });
    }
  });

  it('asks again only for what it did not keep', async () => {
    const all = store(25_300);
    const body = new LinksBody(all);
    await body.read();
    all.asked = 0;
    all.links.push('https://i.imgur.com/new.png');
    expect(JSON.parse(await body.read())).toEqual({ uploaded: all.links });
    expect(all.asked).toBeLessThanOrEqual(2000);
  });

  it('leaves out what was dropped meanwhile', async () => {
    const all = store(5500);
    const body = new LinksBody(all);
    await body.read();
    all.kept = 2750;
    expect(JSON.parse(await body.read())).toEqual({ uploaded: all.links.slice(2750) });
    all.kept = 100;
    expect(JSON.parse(await body.read())).toEqual({ uploaded: all.links.slice(5400) });
  });

  it('gives the processor to others in between, and one answer to all that ask meanwhile', async () => {
    const all = store(100_000);
    const body = new LinksBody(all);
    let turns = 0;
    const state = { isOver: false };
    const [one, other] = [body.read(), body.read()];
    void one.finally(() => (state.isOver = true)).catch(() => undefined);
    while (!state.isOver) {
      turns += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(turns).toBeGreaterThanOrEqual(10);
    expect(await one).toBe(await other);
    expect(all.asked).toBeLessThanOrEqual(101_000);
  });
});
