import { Cancellation } from '../cancellation';
import { addUnderWay, removeUnderWay, type ActiveJob } from './active-job';
import type { FairQueue } from './fair-queue';
import type { Place, Places } from './places';
import type { Outcome, RelayProgress, UploadGate } from './relay';
import type { Turn } from './turn';

const PUT_BACK: Outcome = { kind: 'put_back' };

/** What all images under way have in common. */
export interface Desk {
  readonly queue: FairQueue<ActiveJob>;
  readonly places: Places;
  readonly gate: UploadGate;
  /** Starts what may start now. */
  readonly pump: () => void;
}

/**
 * One image under way, with all that it holds meanwhile: its turn in the queue, a place among those
 * under way, and a place at the gate of its credential.
 *
 * While its source is silent it lends both places. A gate that opens step by step has but one at
 * first, and a dead source would hold up the uploads of all others.
 */
export class ImageUnderWay implements RelayProgress {
  readonly turn: Turn<ActiveJob>;
  readonly cancellation = new Cancellation();
  readonly #desk: Desk;
  readonly #place: Place;
  #isInGate = true;
  #isUploading = false;
  #isOver = false;

  /** @param turn of an image whose credential's gate has been entered. */
  constructor(desk: Desk, turn: Turn<ActiveJob>) {
    this.#desk = desk;
    this.turn = turn;
    this.#place = desk.places.take();
    addUnderWay(turn.job, this.cancellation);
  }

  leadsTo(address: string, port: number): boolean {
    const { queue, pump } = this.#desk;
    const mayGoOn = queue.leadsTo(this.turn, `${address} ${port}`);
    // There may be room now where it was thought to lead.
    pump();
    return mayGoOn;
  }

  sourceIsSilent(): void {
    this.#lend(false);
  }

  waitsForMemory(): void {
    // Whoever holds the memory may be waiting for a place.
    this.#lend(true);
  }

  sourceSends(): void {
    // Before the upload there is time enough to wait for a place.
    if (!this.#isUploading || !this.#desk.places.takeBack(this.#place)) return;
    this.#desk.queue.takeBack(this.turn);
  }

  beforeUpload(): Promise<Outcome | null> | null {
    if (!this.#isInGate) return this.#comeBack();
    this.#isUploading = true;
    return null;
  }

  /**
   * The image is not under way any more.
   *
   * @param back whether it waits again: before or behind the others of its source.
   */
  end(outcome: 'success' | 'refused' | 'other', back?: 'first' | 'last'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { places, queue, gate, pump } = this.#desk;
    const { job } = this.turn;
    removeUnderWay(job, this.cancellation);
    if (this.#isInGate) gate.leave(job.gateKey, outcome);
    places.end(this.#place);
    queue.release(this.turn, back);
    pump();
  }

  #lend(isForced: boolean): void {
    const { places, queue, gate, pump } = this.#desk;
    if (this.#isOver || !places.lend(this.#place, isForced)) return;
    queue.lend(this.turn);
    // Once Imgur takes the picture, it does so whether the source goes on or not.
    if (this.#isInGate && !this.#isUploading) {
      this.#isInGate = false;
      gate.leave(this.turn.job.gateKey, 'other');
    }
    pump();
  }

  async #comeBack(): Promise<Outcome | null> {
    const { places, queue, gate } = this.#desk;
    await places.wantBack(this.#place);
    if (this.#isOver) return PUT_BACK;
    queue.takeBack(this.turn);
    const answer = gate.tryEnter(this.turn.job.gateKey);
    // Imgur may have asked for a pause while the source was silent.
    if (answer === 'wait') return PUT_BACK;
    if (answer !== 'enter') return { kind: 'failed', error: answer };
    this.#isInGate = true;
    this.#isUploading = true;
    return null;
  }
}
