import { LinksBody } from '../../../lib/http/links-body';
import type { Links } from '../../../lib/jobs/job-store';

/** Links of a service that keeps `kept` of the `count` that it had, and what was asked for them. */
function store(count = 0, kept = Infinity) {
  const urls = Array.from({ length: count }, (_, n) => `https://i.imgur.com/${n}.png`);
  const links: (string | null)[] = urls;
  return {
    links,
    kept,
    asked: 0,
    deletions: 0,
    linksFrom(position: number, most: number): Promise<Links> {
      this.asked += most;
      const oldest = Math.max(0, this.links.length - this.kept);
      const from = Math.max(position, oldest);
      return Promise.resolve({
        ...{ oldest, deletions: this.deletions },
        links: this.links.slice(from, from + most),
      });
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

  it('leaves out what was deleted, wherever it stood', async () => {
    const all = store(5500);
    const body = new LinksBody(all);
    await body.read();
    const urls = [...all.links];
    for (const at of [0, 2500, 5499]) {
      all.links[at] = null;
      all.deletions += 1;
    }
    all.links.push('https://i.imgur.com/new.png');
    const left = [...urls.filter((_, at) => ![0, 2500, 5499].includes(at)), all.links.at(-1)];
    expect(JSON.parse(await body.read())).toEqual({ uploaded: left });
    all.kept = 2750;
    expect(JSON.parse(await body.read())).toEqual({
      uploaded: all.links.slice(2751).filter((link) => link !== null),
    });
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
