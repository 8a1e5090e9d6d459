import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useAnnounce } from '../announcer';
import { api } from '../api';
import { countWords } from '../figures-in-words';
import { findUrls } from '../find-urls';
import { jobAddress } from '../router';
import { useService } from '../service';
import { summaryOf, troubleOf, type Trouble } from '../upload-words';
import { useSettled } from '../use-settled';
import { TroubleBox } from './trouble-box';
import { UrlCheck } from './url-check';

/** What was typed stays while another view is looked at. */
let draft = '';

const CHECK_AFTER_MS = 60;
const ANNOUNCE_AFTER_MS = 1000;
const CLIENT_ID = /^[\x21-\x7e]{1,200}$/;

export function UploadForm() {
  const { health, refresh, notice } = useService();
  const announce = useAnnounce();
  const area = useRef<HTMLTextAreaElement>(null);
  const clientIdField = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(draft);
  const [clientId, setClientId] = useState('');
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isSending, setIsSending] = useState(false);
  const [isOver, setIsOver] = useState(false);
  const checked = useSettled(text, CHECK_AFTER_MS);
  const found = useMemo(() => findUrls(checked), [checked]);
  const idempotency = useRef({ body: '', key: '' });
  const samples = health?.samples ?? [];
  const label =
    found.urls.length > 0 ? `Upload ${countWords(found.urls.length, 'image')}` : 'Upload';

  const change = (next: string): void => {
    draft = next;
    setText(next);
    setTrouble(null);
  };
  const add = (more: string): void => {
    const before = draft.trimEnd();
    change(before === '' ? more : `${before}\n${more}`);
    // At once: a key that is pressed before the next frame would bring back the old text.
    if (area.current) area.current.value = draft;
    area.current?.focus();
  };

  const summary = summaryOf(found);
  const settled = useSettled(summary, ANNOUNCE_AFTER_MS);
  useEffect(() => {
    if (settled !== '') announce(settled);
  }, [settled, announce]);

  const refuse = (message: string, field: HTMLElement | null): void => {
    setTrouble({ message, details: [] });
    field?.focus();
  };

  const submit = async (): Promise<void> => {
    if (isSending) return;
    const { urls, invalid } = findUrls(draft);
    const id = clientId.trim();
    if (urls.length === 0) {
      const message =
        invalid > 0
          ? 'None of these can be uploaded. The reasons stand beside them.'
          : 'Paste at least one link that begins with http:// or https://.';
      refuse(message, area.current);
      return;
    }
    if (id !== '' && !CLIENT_ID.test(id)) {
      refuse('A Client-ID has visible characters only, at most 200.', clientIdField.current);
      return;
    }
    const body = JSON.stringify({ urls, ...(id === '' ? {} : { clientId: id }) });
    // The same list again, after an answer got lost, is the same job.
    if (idempotency.current.body !== body) idempotency.current = { body, key: randomKey() };
    setIsSending(true);
    setTrouble(null);
    try {
      const jobId = await api.submit(body, idempotency.current.key);
      idempotency.current = { body: '', key: '' };
      change('');
      announce(`Job started with ${countWords(urls.length, 'image')}.`);
      refresh();
      location.hash = jobAddress(jobId);
    } catch (error) {
      setTrouble(troubleOf(notice(error, 'asked'), urls));
    }
    setIsSending(false);
  };

  const drop = async (event: DragEvent): Promise<void> => {
    event.preventDefault();
    setIsOver(false);
    const { dataTransfer } = event;
    if (!dataTransfer) return;
    const files = [...dataTransfer.files];
    // A picture dragged from another page comes as a file too, beside its address.
    const plain = dataTransfer.getData('text/uri-list') || dataTransfer.getData('text/plain');
    if (plain !== '') {
      add(plain);
    } else if (files.some(({ type }) => /^(image|video)\//.test(type))) {
      refuse('Drop links or a text file with links: images are fetched from the web.', null);
    } else if (files.length > 0) {
      add((await Promise.all(files.map((file) => file.text()))).join('\n'));
    }
  };

  return (
    <form
      class="card upload"
      data-over={isOver}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={(event) => {
        const to = event.relatedTarget;
        if (!(to instanceof Node && event.currentTarget.contains(to))) setIsOver(false);
      }}
      onDrop={(event) => void drop(event)}
    >
      <div class="label-row row apart">
        <label for="urls">Links</label>
        {samples.length > 0 && (
          <button type="button" class="button small" onClick={() => add(samples.join('\n'))}>
            Use the sample pictures
          </button>
        )}
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
        aria-invalid={trouble !== null}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void submit();
          }
        }}
      />
      <p id="urls-hint" class="quiet hint">
        One a line, or any text. You can also drop links or a text file here.
      </p>
      {found.all.length > 0 && <UrlCheck found={found} summary={summary} />}
      {found.all.length === 0 && text.trim() !== '' && (
        <p class="check-summary">
          No links found in this text. A link begins with http:// or https://.
        </p>
      )}
      <details class="more">
        <summary class="quiet">Use another Client-ID</summary>
        <label for="client-id">Imgur Client-ID (optional)</label>
        <input
          id="client-id"
          ref={clientIdField}
          type="text"
          autocomplete="off"
          spellcheck={false}
          value={clientId}
          onInput={(event) => setClientId(event.currentTarget.value)}
        />
        <p class="quiet hint">For this job only. Without one, the service uses its own.</p>
      </details>
      <div id="upload-trouble" role="alert">
        {trouble && <TroubleBox trouble={trouble} />}
      </div>
      <div class="actions row">
        <button type="submit" class="button primary" aria-disabled={isSending}>
          {isSending ? 'Sending…' : label}
        </button>
        {text !== '' && (
          <button
            type="button"
            class="button"
            onClick={() => {
              change('');
              area.current?.focus();
            }}
          >
            Clear
          </button>
        )}
      </div>
    </form>
  );
}

/** `crypto.randomUUID` is open to secure origins only. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
