import { useState } from 'preact/hooks';
import { useAnnounce } from '../announcer';
import { countWords } from '../figures-in-words';
import { FORMAT_NAMES, formatLinks, type LinkFormat } from '../link-formats';

const SPOKEN: Record<LinkFormat, string> = { ...FORMAT_NAMES, plain: 'plain text' };

/** Copies all links in the format that is asked for. */
export function CopyLinks({ links }: { links: readonly string[] }) {
  const announce = useAnnounce();
  const [copied, setCopied] = useState<LinkFormat | null>(null);

  const copy = async (format: LinkFormat): Promise<void> => {
    const isCopied = await copyText(formatLinks(links, format));
    const done = `Copied ${countWords(links.length, 'link')} as ${SPOKEN[format]}.`;
    announce(isCopied ? done : 'The browser did not allow copying.');
    if (!isCopied) return;
    setCopied(format);
    window.setTimeout(() => setCopied((now) => (now === format ? null : now)), 2000);
  };

  return (
    <div class="copy-links row" role="group" aria-label="Copy all links">
      <span class="quiet" aria-hidden="true">
        Copy links
      </span>
      {(Object.keys(FORMAT_NAMES) as LinkFormat[]).map((format) => (
        <button
          key={format}
          type="button"
          class="button small"
          disabled={links.length === 0}
          aria-label={`Copy links as ${SPOKEN[format]}`}
          onClick={() => void copy(format)}
        >
          {copied === format ? 'Copied' : FORMAT_NAMES[format]}
        </button>
      ))}
    </div>
  );
}

/** The clipboard is open to secure origins only; a service in the local network is none. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'visually-hidden';
    document.body.append(area);
    const focused = document.activeElement;
    area.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without a secure origin
    const isCopied = document.execCommand('copy');
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return isCopied;
  }
}
