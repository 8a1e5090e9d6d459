import type { Lane } from './lane';
import type { Address } from './source-limits';

/**
 * An image that may start. It counts for its job until it is released, and as long for its host and
 * its address, if it does not leave them before.
 */
export class Turn<J> {
  readonly job: J;
  /** Its place in the job. */
  readonly index: number;
  readonly lane: Lane<J>;
  /** Whether it has lent its place. Only the queue changes it. */
  isLent = false;
  /** Whether it counts for its source no more. Only the queue changes it. */
  hasLeftSource = false;
  /** The address that it counts for, once that is known. Only `SourceLimits` changes it. */
  address: Address<J> | null = null;

  /** @param lane whose next image it is. */
  constructor(lane: Lane<J>) {
    this.job = lane.line.job;
    this.index = lane.shift();
    this.lane = lane;
  }
}
