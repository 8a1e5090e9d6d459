/** What each status means for whoever asked, where the service's own sentence is for programs. */
const WORDS: Readonly<Record<number, string>> = {
  400: 'The service does not take this list as it is.',
  409: 'There is nothing to retry here: the job is not finished, or nothing in it failed.',
  413: 'That is more than the service takes at once: upload fewer links.',
  415: 'The service does not take what this page sends. Load the page again.',
  422: 'The service already has another list under this name. Load the page again and upload it once more.',
};

/** Why a call was refused, in words for people. @param said the service's own sentence, if any. */
export function refusalWords(status: number, said: string | undefined): string {
  const words = WORDS[status];
  if (said === undefined) return words ?? `The service could not do this (status ${status}).`;
  // What was expected and what was given tells programmers what to mend.
  if (words !== undefined && /^Expected |as expected\.$/.test(said)) return words;
  return said.replace(/\d{4,}/g, (digits) => Number(digits).toLocaleString());
}
