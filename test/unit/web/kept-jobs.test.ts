import type { Image } from '../../../web/api';
import { fileName, jobName, KEPT_IMAGES, KEPT_JOBS, keptJobs } from '../../../web/kept-jobs';

class MemoryStorage {
  readonly items = new Map<string, string>();
  room = Infinity;
  getItem = (name: string): string | null => this.items.get(name) ?? null;
  setItem = (name: string, value: string): void => {
    if (value.length > this.room) throw new Error('QuotaExceededError');
    this.items.set(name, value);
  };
  removeItem = (name: string): void => void this.items.delete(name);
}

const images = (count: number): Image[] =>
  Array.from({ length: count }, (_, n) => ({ url: `http://a.example/${n}` }) as Image);

describe('the jobs of this browser', () => {
  let storage: MemoryStorage;
  beforeEach(() => {
    storage = new MemoryStorage();
    Object.assign(globalThis, { localStorage: storage });
    keptJobs.reload();
  });
  afterEach(() => void Reflect.deleteProperty(globalThis, 'localStorage'));

  const ids = (): string[] => keptJobs.all().map(({ id }) => id);

  it('are there again after a reload, each once and in its place', () => {
    keptJobs.put('one', { images: images(2) });
    keptJobs.put('two', { images: images(1) });
    keptJobs.put('one', { retriedAs: 'three' });
    keptJobs.reload();
    expect(ids()).toEqual(['two', 'one']);
    expect(keptJobs.get('one')).toMatchObject({
      name: 'a.example',
      retriedAs: 'three',
      images: images(2),
    });
  });

  it('are bounded in number and in images, the oldest out first', () => {
    for (let n = 0; n < KEPT_JOBS + 5; n += 1) keptJobs.put(`${n}`, { images: images(1) });
    expect(ids()).toHaveLength(KEPT_JOBS);
    expect(ids()[0]).toBe(`${KEPT_JOBS + 4}`);
    keptJobs.put('big', { images: images(KEPT_IMAGES + 1) });
    expect(ids()).toEqual(['big']);
  });

  it('give way where the browser has no room', () => {
    keptJobs.put('one', { images: images(9) });
    storage.room = 300;
    keptJobs.put('two', { images: images(1) });
    expect(ids()).toEqual(['two', 'one']);
    keptJobs.reload();
    expect(ids()).toEqual(['two']);
  });

  it('are none where something else is stored', () => {
    storage.items.set('image-relay.jobs', '[{"id":3},null]');
    expect(keptJobs.all()).toEqual([]);
    storage.items.set('image-relay.jobs', '{');
    keptJobs.reload();
    expect(keptJobs.all()).toEqual([]);
  });
});

describe('names', () => {
  it.each([
    [['https://a.example/x/my%20cat.jpg?w=1#y'], 'my cat.jpg'],
    [['https://A.example/'], 'a.example'],
    [['https://a.example/%E0%A4%A'], '%E0%A4%A'],
    [['https://a.example/1', 'http://a.example/2'], 'a.example'],
    [['https://a.example/1', 'http://b.example/2'], 'a.example and 1 more host'],
    [
      ['https://a.example/1', 'http://b.example/2', 'http://c.example:80/'],
      'a.example and 2 more hosts',
    ],
    [[], ''],
  ])('of a job of %j', (urls, name) => {
    expect(jobName(urls)).toBe(name);
  });

  it('of a file without one', () => {
    expect(fileName('https://a.example?x=/y.png')).toBe('a.example');
  });
});
