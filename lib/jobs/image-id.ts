/** Whether a link is that of an upload. Many are asked, so those that are not cost little. */
export function isLinkOf(link: string, imageId: string): boolean {
  return link.startsWith(imageId, link.lastIndexOf('/') + 1) && imageIdOf(link) === imageId;
}

/** The name of an upload: the last part of its link, without the extension. */
export function imageIdOf(link: string): string {
  const file = link.slice(link.lastIndexOf('/') + 1);
  const dot = file.indexOf('.');
  return dot === -1 ? file : file.slice(0, dot);
}
