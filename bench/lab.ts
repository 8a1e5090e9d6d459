import type { Effort, FloorAsk } from './floor';
import type { ImgurAsk, ImgurStats } from './imgur';
import { startPart, type Part } from './part';
import { startService, type Service } from './service';
import type { SourceAsk } from './source';

/** One figure of a row. Ratios have no unit. */
export interface Figure {
  readonly what: string;
  readonly unit: '' | 'ms' | 's' | 'MB' | 'bytes';
  readonly value: number;
  readonly limit: { readonly at: 'most' | 'least'; readonly value: number };
  /** What `value` is the median of. */
  readonly samples: readonly number[];
  /** What the figure was made of, for whoever wants to know. */
  readonly details: string;
}

export interface Row {
  readonly name: string;
  /** In the order in which they are shown; the first is the row's own. */
  measure(lab: Lab): Promise<Figure[]>;
}

export interface LabOptions {
  /** Small sizes: enough to see that all works. */
  readonly quick: boolean;
  /** Where to write a CPU profile of the shared service, from its warm-up to its end. */
  readonly profile: string | null;
  /** The names of the rows that are measured. */
  readonly selected: readonly string[];
  readonly print: (text: string) => void;
}

export interface Pictures {
  /** JPEGs of so many bytes, or WebP of one megapixel, which the source is asked for first. */
  readonly bytes?: number | 'webp';
  readonly delayMs?: number;
  /** How long the source takes to send one. */
  readonly spreadMs?: number;
  /** A name or address that leads to loopback. */
  readonly host?: string;
}

/** Everything as it is by default but for what the rows name: how many images, from where, to where. */
const SETTINGS = {
  IMGUR_CLIENT_ID: 'bench',
  DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
  MAX_URLS_PER_JOB: '10000',
  CONCURRENCY: '32',
  // All pictures of most rows come from one host; the row of the slow source has the default.
  CONCURRENCY_PER_SOURCE: '32',
};
export const CONCURRENCY = 32;
/** By then V8 has compiled what runs often. */
export const WARM_UP_IMAGES = 4000;

/** What the rows share: the servers around the service, the service itself, and how to drive it. */
export class Lab {
  readonly quick: boolean;
  readonly #selected: ReadonlySet<string>;
  readonly #print: (text: string) => void;
  readonly #profile: string | null;
  readonly #source: Part;
  readonly #imgur: Part;
  readonly #floor: Part;
  readonly #memo = new Map<string, Promise<unknown>>();
  #shared: Promise<Service> | null = null;
  #pictures = 0;

  private constructor([source, imgur, floor]: readonly [Part, Part, Part], options: LabOptions) {
    [this.#source, this.#imgur, this.#floor] = [source, imgur, floor];
    this.quick = options.quick;
    this.#selected = new Set(options.selected);
    this.#print = options.print;
    this.#profile = options.profile;
  }

  static async open(options: LabOptions): Promise<Lab> {
    const [source, imgur, floor] = [startPart('source'), startPart('imgur'), startPart('floor')];
    return new Lab([await source, await imgur, await floor], options);
  }

  async close(): Promise<void> {
    if (this.#shared) await this.#stopShared(await this.#shared);
    for (const part of [this.#source, this.#imgur, this.#floor]) part.stop();
  }

  progress(text: string): void {
    this.#print(text);
  }

  /** A number of images, or of rounds: the full one, or what is enough to see that it works. */
  size(full: number, quick: number): number {
    return this.quick ? quick : full;
  }

  isSelected(row: string): boolean {
    return this.#selected.has(row);
  }

  /** Measures once what several rows are made of. */
  once<T>(key: string, measure: () => Promise<T>): Promise<T> {
    let result = this.#memo.get(key) as Promise<T> | undefined;
    if (!result) {
      result = measure();
      this.#memo.set(key, result);
    }
    return result;
  }

  settings(own: Readonly<Record<string, string>> = {}): Record<string, string> {
    return { ...SETTINGS, IMGUR_API_URL: this.#imgur.url, ...own };
  }

  /** The service that most rows share, warm. */
  service(): Promise<Service> {
    this.#shared ??= this.#startWarm();
    return this.#shared;
  }

  /** A service of its own for one measurement. */
  async withService<T>(
    own: Readonly<Record<string, string>>,
    options: Parameters<typeof startService>[1],
    use: (service: Service) => Promise<T>,
  ): Promise<T> {
    const service = await startService(this.settings(own), options);
    try {
      return await use(service);
    } finally {
      await service.stop();
    }
  }

  /** URLs of so many different pictures. */
  pictures(count: number, { bytes = 100_000, delayMs = 0, spreadMs = 0, host }: Pictures = {}) {
    const base = this.#sourceUrl(host);
    return Array.from({ length: count }, () => {
      this.#pictures += 1;
      return `${base}/${bytes}/${delayMs}/${spreadMs}/${this.#pictures}.jpg`;
    });
  }

  /** URLs of pictures whose second halves wait until the source is told to `finish`. */
  halfPictures(count: number, bytes: number): string[] {
    return Array.from({ length: count }, (_, n) => `${this.#source.url}/half/${bytes}/${n}.jpg`);
  }

  askSource<Answer>(ask: SourceAsk): Promise<Answer> {
    return this.#source.channel.ask<Answer>(ask);
  }

  async setImgur(behaviour: ImgurAsk): Promise<void> {
    await this.#imgur.channel.ask(behaviour);
  }

  imgurStats(): Promise<ImgurStats> {
    return this.#imgur.channel.ask<ImgurStats>('stats');
  }

  /** Has the bare floor relay pictures. */
  floor(ask: Omit<FloorAsk, 'imgurUrl' | 'concurrency'>): Promise<Effort> {
    const { url: imgurUrl } = this.#imgur;
    return this.#floor.channel.ask<Effort>({ ...ask, imgurUrl, concurrency: CONCURRENCY });
  }

  /** What source and Imgur have used of the processor so far, in milliseconds. */
  async fakesCpuMs(): Promise<number> {
    return (await this.#source.cpuMs()) + (await this.#imgur.cpuMs());
  }

  /** One job, all of whose images must complete. @returns how long it took, in milliseconds. */
  async relay(service: Service, urls: readonly string[]): Promise<number> {
    const { ms, complete, failed } = await service.relay(urls);
    if (complete === urls.length) return ms;
    throw new Error(`Expected ${urls.length} complete images, got ${complete}, ${failed} failed`);
  }

  async #startWarm(): Promise<Service> {
    this.progress('starting and warming the service');
    const service = await startService(this.settings(), { probe: true });
    const images = this.size(WARM_UP_IMAGES, 500);
    await this.relay(service, this.pictures(images / 2, { bytes: 2000 }));
    await this.relay(service, this.pictures(images / 2));
    if (this.#profile !== null) await service.probe.ask({ type: 'startProfile' });
    return service;
  }

  async #stopShared(service: Service): Promise<void> {
    const file = this.#profile;
    if (file !== null) await service.probe.ask({ type: 'stopProfile', file });
    await service.stop();
  }

  #sourceUrl(host: string | undefined): string {
    return host === undefined ? this.#source.url : this.#source.url.replace('127.0.0.1', host);
  }
}
