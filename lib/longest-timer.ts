/**
 * The longest time that setTimeout takes, in milliseconds: it fires at once for anything longer
 * (Node.js documentation, `setTimeout`).
 */
export const MAX_TIMER_MS = 2 ** 31 - 1;
