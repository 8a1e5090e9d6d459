import type { FoundUrl, FoundUrls } from '../find-urls';

/** More than anyone looks through; what is wrong comes first then. */
const MOST = 200;

/** What was found in the text: each URL, with the reason beside one that is not taken. */
export function UrlCheck({ found, summary }: { found: FoundUrls; summary: string }) {
  const rows = rowsOf(found.all);
  return (
    <div class="check">
      <p class="check-summary">{summary}</p>
      <div class="check-scroll" role="region" aria-label="Links found" tabIndex={0}>
        <ul>
          {rows.map(({ text, kind, problem }, at) => (
            <li key={at} data-kind={kind}>
              <span class="check-url cut">{kind === 'duplicate' ? <s>{text}</s> : text}</span>
              {problem !== null && <span class="check-problem">{problem}</span>}
            </li>
          ))}
        </ul>
        {rows.length < found.all.length && (
          <p class="quiet">and {(found.all.length - rows.length).toLocaleString()} more</p>
        )}
      </div>
    </div>
  );
}

function rowsOf(all: readonly FoundUrl[]): readonly FoundUrl[] {
  if (all.length <= MOST) return all;
  const isGood = ({ kind }: FoundUrl): boolean => kind === 'valid';
  return [...all.filter((each) => !isGood(each)), ...all.filter(isGood)].slice(0, MOST);
}
