/** So many images end, or are told of, in one go: then everything else has its turn. */
export const BATCH = 200;
