/** An image cannot go on just now, through no fault of its own: it goes back to where it waited. */
export class PutBack extends Error {
  override readonly name = 'PutBack';
}

/** Recognised by name, since every function is bundled apart and has a class of its own. */
export function isPutBack(error: unknown): error is PutBack {
  return error instanceof Error && error.name === 'PutBack';
}
