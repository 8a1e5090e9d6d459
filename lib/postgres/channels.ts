/**
 * What processes tell each other. NOTIFY takes a lock of the whole server when it commits, so it is for
 * what is rare: never for an image. Whoever listens also looks now and then, as what is told while a
 * connection is down is lost.
 */
export const CHANNELS = {
  /** There is a new job. */
  work: 'image_relay_work',
  /** The job of this id was cancelled. */
  cancel: 'image_relay_cancel',
  /** The pause of a credential has changed. */
  gate: 'image_relay_gate',
} as const;

export type Channel = keyof typeof CHANNELS;
