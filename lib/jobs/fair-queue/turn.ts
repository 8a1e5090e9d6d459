import type { Lane } from './lane';
import type { Address } from './source-limits';

/** An image that may start. It counts for its host, its address and its job until it is released. */
export class Turn<J> {
  readonly job: J;
  /** Its place in the job. */
  readonly index: number;
  readonly lane: Lane<J>;
  /** Whether it has lent its place. Only the queue changes it. */
  isLent = false;
  /** The address that it counts for, once that is known. Only `SourceLimits` changes it. */
  address: Address<J> | null = null;

  /** @param lane whose next image it is. */
  constructor(lane: Lane<J>) {
    this.job = lane.line.job;
    this.index = lane.shift();
    this.lane = lane;
  }
}
