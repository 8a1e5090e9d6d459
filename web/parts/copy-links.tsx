import { useState } from 'preact/hooks';
import { countWords } from '../figures-in-words';
import { FORMAT_NAMES, formatLinks, type LinkFormat, type LinkOf } from '../link-formats';
import { readStored, writeStored } from '../stored';
import { CopyButton } from './copy-button';

const FORMAT_ITEM = 'image-relay.format';

/** Copies all links in the format that is chosen, which is kept. */
export function CopyLinks({ links }: { links: readonly LinkOf[] }) {
  const [format, setFormat] = useState<LinkFormat>(() => {
    const kept = readStored('sessionStorage', FORMAT_ITEM);
    return typeof kept === 'string' && kept in FORMAT_NAMES ? (kept as LinkFormat) : 'plain';
  });
  return (
    <div class="copy-links row" role="group" aria-label="Copy all links">
      <CopyButton
        text={() => formatLinks(links, format)}
        label="Copy links"
        said={`Copied ${countWords(links.length, 'link')} as ${FORMAT_NAMES[format]}.`}
        look="button small strong"
        isDisabled={links.length === 0}
      />
      <select
        aria-label="Format of the links"
        value={format}
        onChange={(event) => {
          const next = event.currentTarget.value as LinkFormat;
          setFormat(next);
          writeStored('sessionStorage', FORMAT_ITEM, next);
        }}
      >
        {(Object.keys(FORMAT_NAMES) as LinkFormat[]).map((each) => (
          <option key={each} value={each}>
            {FORMAT_NAMES[each]}
          </option>
        ))}
      </select>
    </div>
  );
}
