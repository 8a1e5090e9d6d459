import { Cancellation } from '../cancellation';
import type { Place, Places } from './places';
import type { Outcome, RelayProgress, UploadGate } from './relay';
import type { Claim } from './work-queue';

const PUT_BACK: Outcome = { kind: 'put_back' };

/** What all images under way have in common. */
export interface Desk {
  readonly places: Places;
  readonly gate: UploadGate;
  /** Starts what may start now. */
  readonly pump: () => void;
}

/**
 * One image under way, with the places that it holds meanwhile: among all those under way, and at
 * the gate of its credential.
 *
 * While its source is silent, it lends both places. A gate that opens step by step has only one
 * place at first: a dead source that held it would hold up the uploads of all other images.
 */
export class ImageUnderWay implements RelayProgress {
  readonly claim: Claim;
  readonly cancellation = new Cancellation();
  readonly #desk: Desk;
  readonly #place: Place;
  #isInGate = true;
  #isUploading = false;
  #isOver = false;

  /** @param claim of an image whose credential's gate has been entered. */
  constructor(desk: Desk, claim: Claim) {
    this.#desk = desk;
    this.claim = claim;
    this.#place = desk.places.take();
  }

  leadsTo(address: string, port: number): boolean {
    const mayGoOn = this.claim.leadsTo(`${address} ${port}`);
    // There may be room now where it was thought to lead.
    this.#desk.pump();
    return mayGoOn;
  }

  sourceIsSilent(): void {
    this.#lend(false);
  }

  waitsForMemory(): void {
    // Whoever holds the memory may be waiting for a place.
    this.#lend(true);
  }

  sourceIsDone(): void {
    this.#lend(true);
    this.claim.leaveSource();
    this.#desk.pump();
  }

  sourceSends(): void {
    // Before the upload there is time enough to wait for a place.
    if (!this.#isUploading || !this.#desk.places.takeBack(this.#place)) return;
    this.claim.takeBack();
  }

  beforeUpload(): Promise<Outcome | null> | null {
    if (!this.#isInGate) return this.#comeBack();
    this.#isUploading = true;
    return null;
  }

  /** The image is not under way any more. */
  end(outcome: 'success' | 'refused' | 'other'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { places, gate, pump } = this.#desk;
    if (this.#isInGate) gate.leave(this.claim.credential, outcome);
    places.end(this.#place);
    pump();
  }

  #lend(isForced: boolean): void {
    const { places, gate, pump } = this.#desk;
    if (this.#isOver || !places.lend(this.#place, isForced)) return;
    this.claim.lend();
    // Once Imgur takes the picture, it does so whether the source goes on or not.
    if (this.#isInGate && !this.#isUploading) {
      this.#isInGate = false;
      gate.leave(this.claim.credential, 'other');
    }
    pump();
  }

  async #comeBack(): Promise<Outcome | null> {
    const { places, gate } = this.#desk;
    await places.wantBack(this.#place);
    if (this.#isOver) return PUT_BACK;
    this.claim.takeBack();
    const answer = gate.tryEnter(this.claim.credential);
    // Imgur may have asked for a pause while the source was silent.
    if (answer === 'wait') return PUT_BACK;
    if (answer !== 'enter') return { kind: 'failed', error: answer };
    this.#isInGate = true;
    this.#isUploading = true;
    return null;
  }
}
