/**
 * Where the jobs are kept is away for now, so that nothing can be said or taken. `message` is for
 * whoever asked. Recognise it with `isStoreUnavailable`, as each function's bundle has a class of
 * its own.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';

  constructor(options?: ErrorOptions) {
    super('The database is away for now; what was accepted is kept.', options);
  }
}

export function isStoreUnavailable(error: unknown): error is StoreUnavailable {
  return error instanceof Error && error.name === 'StoreUnavailable';
}
