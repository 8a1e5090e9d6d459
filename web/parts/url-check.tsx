import { countWords } from '../figures-in-words';
import type { FoundUrl, FoundUrls } from '../find-urls';

/** More than anyone looks through; what is wrong comes first then. */
const MOST = 200;

/** What was found in the text: each URL, with the reason beside one that is not taken. */
export function UrlCheck({
  found,
  summary,
  onAssumeHttps,
}: {
  found: FoundUrls;
  summary: string;
  onAssumeHttps: () => void;
}) {
  const rows = rowsOf(found.all);
  return (
    <div class="check">
      <p class="check-summary">{summary}</p>
      {found.withoutScheme > 0 && (
        <p class="check-note">
          {found.withoutScheme === 1
            ? 'One of them lacks its https://. '
            : `${found.withoutScheme.toLocaleString()} of them lack their https://. `}
          <button type="button" class="link" onClick={onAssumeHttps}>
            Take {found.withoutScheme === 1 ? 'it' : 'them'} as https
          </button>
        </p>
      )}
      <div class="check-scroll" role="region" aria-label="Links found" tabIndex={0}>
        <ul>
          {rows.map(({ text, kind, problem, note }, at) => (
            <li key={at} data-kind={kind}>
              <span class="check-url cut">{kind === 'duplicate' ? <s>{text}</s> : text}</span>
              {problem !== null && <span class="check-problem">{problem}</span>}
              {note !== null && <span class="check-problem quiet">{note}</span>}
            </li>
          ))}
        </ul>
        {rows.length < found.all.length && (
          <p class="quiet">and {(found.all.length - rows.length).toLocaleString()} more</p>
        )}
      </div>
      {found.ignored.length > 0 && (
        <details class="check-note quiet">
          <summary>{countWords(found.ignored.length, 'line')} without a link</summary>
          <ul>
            {found.ignored.slice(0, MOST).map((line, at) => (
              <li key={at} class="cut">
                {line}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function rowsOf(all: readonly FoundUrl[]): readonly FoundUrl[] {
  if (all.length <= MOST) return all;
  const isGood = ({ kind }: FoundUrl): boolean => kind === 'valid';
  return [...all.filter((each) => !isGood(each)), ...all.filter(isGood)].slice(0, MOST);
}
