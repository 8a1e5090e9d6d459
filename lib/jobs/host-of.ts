/** The host that an image comes from, by its name: with or without the root's dot it is the same. */
export function hostOf(url: string): string {
  return new URL(url).hostname.replace(/\.$/, '');
}
