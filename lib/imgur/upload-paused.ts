/** Imgur asked for a pause: the image is not to blame and goes back to where it waited. */
export class UploadPaused extends Error {
  override readonly name = 'UploadPaused';
}

/** Recognised by name, since every function is bundled apart and has a class of its own. */
export function isUploadPaused(error: unknown): error is UploadPaused {
  return error instanceof Error && error.name === 'UploadPaused';
}
