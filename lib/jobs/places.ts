import Denque from 'denque';

/** One image's place among those that are under way. Only `Places` changes it. */
export class Place {
  state: 'held' | 'lent' | 'wanted' | 'over' = 'held';
  /** Called once a place that was wanted back is there. */
  granted: (() => void) | null = null;
}

/**
 * How many images may be under way at once. An image that waits for a silent source lends its
 * place, so that another image starts meanwhile. It gets a place back before it goes on: images
 * that want their place back come before images that start.
 */
export class Places {
  readonly #most: number;
  readonly #mostLent: number;
  #held = 0;
  #lent = 0;
  readonly #wanted = new Denque<Place>();

  /** @param mostLent bounds the connections that silent sources can keep open. */
  constructor(most: number, mostLent: number) {
    this.#most = most;
    this.#mostLent = mostLent;
  }

  /** Whether another image may start. */
  get isFree(): boolean {
    return this.#held < this.#most && this.#lent <= this.#mostLent;
  }

  /** Whether so much is lent that an image which starts now may find no room to lend its place. */
  get isTight(): boolean {
    return this.#lent + this.#most >= this.#mostLent;
  }

  take(): Place {
    this.#held += 1;
    return new Place();
  }

  /**
   * @param isForced whether the bound does not count: for an image that waits for another one.
   * @returns whether the place is another's to take now.
   */
  lend(place: Place, isForced = false): boolean {
    if (place.state !== 'held' || (this.#lent >= this.#mostLent && !isForced)) return false;
    place.state = 'lent';
    this.#lent += 1;
    this.#free();
    return true;
  }

  /** Takes a place back at once, even if that makes one too many. @returns whether it was lent. */
  takeBack(place: Place): boolean {
    if (place.state !== 'lent') return false;
    this.#hold(place);
    return true;
  }

  /** Asks for a place again. @returns null if it is there already, else what resolves with it. */
  wantBack(place: Place): Promise<void> | null {
    if (place.state !== 'lent') return null;
    if (this.#held < this.#most) {
      this.#hold(place);
      return null;
    }
    place.state = 'wanted';
    this.#wanted.push(place);
    return new Promise((resolve) => (place.granted = resolve));
  }

  /** The image is not under way any more. */
  end(place: Place): void {
    const { state } = place;
    place.state = 'over';
    if (state === 'held') this.#free();
    else if (state !== 'over') this.#lent -= 1;
  }

  #hold(place: Place): void {
    place.state = 'held';
    this.#lent -= 1;
    this.#held += 1;
  }

  #free(): void {
    this.#held -= 1;
    while (this.#held < this.#most) {
      const place = this.#wanted.shift();
      if (!place) return;
      // Its image may have ended meanwhile.
      if (place.state !== 'wanted') continue;
      this.#hold(place);
      place.granted?.();
    }
  }
}
