import type { Lane } from './lane';

/** An image that may start. It counts for its host, its address and its job until it is released. */
export class Turn<J> {
  readonly job: J;
  /** Its place in the job. */
  readonly index: number;
  readonly lane: Lane<J>;
  /** Whether it has lent its place. Only the queue changes it. */
  isLent = false;

  /** @param lane whose next image it is. */
  constructor(lane: Lane<J>) {
    this.job = lane.line.job;
    this.index = lane.shift();
    this.lane = lane;
  }
}
