import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { draftStore, useDraft } from '../draft';
import { picturesOf } from '../pasted-html';
import { takeFiles } from './drop-target';

/** The field for the links, and other ways to fill it. */
export function LinksField({
  area,
  samples,
  isInvalid,
  onSubmit,
}: {
  area: RefObject<HTMLTextAreaElement | null>;
  samples: readonly string[];
  isInvalid: boolean;
  onSubmit: () => void;
}) {
  const { text } = useDraft();
  const picker = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // At once: a key that is pressed before the next frame would bring back the old text.
    if (area.current && area.current.value !== text) area.current.value = text;
  }, [text, area]);

  const addSamples = (): void => {
    draftStore.add(samples.join('\n'));
    if (!area.current) return;
    area.current.value = draftStore.get().text;
    area.current.focus();
  };
  const paste = (event: ClipboardEvent & { currentTarget: HTMLTextAreaElement }): void => {
    const field = event.currentTarget;
    const pictures = picturesOf(event.clipboardData?.getData('text/html') ?? '');
    if (pictures.length === 0) return;
    event.preventDefault();
    const plain = event.clipboardData?.getData('text/plain').trim() ?? '';
    const more = pictures.filter((url) => !plain.includes(url));
    const pasted = `${[plain, ...more].filter(Boolean).join('\n')}\n`;
    field.setRangeText(pasted, field.selectionStart, field.selectionEnd, 'end');
    draftStore.set(field.value);
  };

  return (
    <>
      <div class="label-row row apart">
        <label for="urls">Links</label>
        <span class="row">
          {samples.length > 0 && (
            <button type="button" class="button small" onClick={addSamples}>
              Use the sample pictures
            </button>
          )}
          <button type="button" class="button small" onClick={() => picker.current?.click()}>
            Choose a text file
          </button>
        </span>
        <input
          ref={picker}
          type="file"
          hidden
          multiple
          accept=".txt,.csv,.json,.html,.htm,.md,text/*"
          aria-label="Text files with links"
          onChange={(event) => {
            const chosen = [...(event.currentTarget.files ?? [])];
            // So that the same file can be chosen again.
            event.currentTarget.value = '';
            void takeFiles(chosen);
          }}
        />
      </div>
      <textarea
        id="urls"
        ref={area}
        rows={7}
        spellcheck={false}
        autocapitalize="off"
        placeholder={'https://example.com/photo.jpg\nhttps://example.com/sketch.png'}
        value={text}
        aria-describedby="urls-hint upload-trouble"
        aria-invalid={isInvalid}
        onPaste={paste}
        onInput={(event) => draftStore.set(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            onSubmit();
          }
        }}
      />
      <p id="urls-hint" class="quiet hint">
        One a line, or any text: prose, HTML, CSV, JSON. You can also drop links or text files
        anywhere on this page.
      </p>
    </>
  );
}
