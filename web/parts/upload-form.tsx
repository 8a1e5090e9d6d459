import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useAnnounce } from '../announcer';
import { draftStore, useDraft } from '../draft';
import { countWords } from '../figures-in-words';
import { findUrls } from '../find-urls';
import { useService } from '../service';
import { severalJobs } from '../several-jobs';
import { summaryOf, type Trouble } from '../upload-words';
import { useMostUrls } from '../use-most-urls';
import { useSettled } from '../use-settled';
import { useSubmit } from '../use-submit';
import { LinksField } from './links-field';
import { TroubleBox } from './trouble-box';
import { UrlCheck } from './url-check';

const CHECK_AFTER_MS = 60;
const ANNOUNCE_AFTER_MS = 1000;
const CLIENT_ID = /^[\x21-\x7e]{1,200}$/;

export function UploadForm() {
  const { health, resume } = useService();
  const announce = useAnnounce();
  const { isSending, submit } = useSubmit();
  const { text, cleared, refused } = useDraft();
  const area = useRef<HTMLTextAreaElement>(null);
  const clientIdField = useRef<HTMLInputElement>(null);
  const [clientId, setClientId] = useState('');
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [assumeHttps, setAssumeHttps] = useState(false);
  const checked = useSettled(text, CHECK_AFTER_MS);
  const found = useMemo(() => findUrls(checked, { assumeHttps }), [checked, assumeHttps]);
  const most = useMostUrls(found.urls.length);
  const jobs = severalJobs(found.urls, most).length;
  const label =
    found.urls.length === 0
      ? 'Upload'
      : `Upload ${countWords(found.urls.length, 'image')}${jobs > 1 ? ` as ${jobs} jobs` : ''}`;

  useEffect(() => {
    setTrouble(null);
    if (text === '') setAssumeHttps(false);
  }, [text]);
  useEffect(() => {
    if (refused !== null) setTrouble({ message: refused, details: [] });
  }, [refused]);

  // Nothing goes on behind somebody who has left.
  useEffect(() => () => void (resume.current = null), [resume]);

  const summary = summaryOf(found);
  const settled = useSettled(summary, ANNOUNCE_AFTER_MS);
  useEffect(() => {
    if (settled !== '') announce(settled);
  }, [settled, announce]);

  const refuse = (message: string, field: HTMLElement | null): void => {
    setTrouble({ message, details: [] });
    field?.focus();
  };

  const send = async (): Promise<void> => {
    if (isSending) return;
    const { urls, invalid } = findUrls(draftStore.get().text, { assumeHttps });
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
    setTrouble(null);
    const left = await submit(urls, id, most);
    if (left === null) {
      draftStore.set('');
      return;
    }
    if (left.urls.length < urls.length) draftStore.set(left.urls.join('\n'));
    // Goes on by itself once there is a key.
    if (left.needsKey) resume.current = () => void send();
    setTrouble(left.trouble);
  };

  return (
    <form
      class="card upload"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <LinksField
        area={area}
        samples={health?.samples ?? []}
        isInvalid={trouble !== null}
        onSubmit={() => void send()}
      />
      {found.all.length > 0 && (
        <UrlCheck found={found} summary={summary} onAssumeHttps={() => setAssumeHttps(true)} />
      )}
      {jobs > 1 && (
        <p class="check-note">
          {found.urls.length.toLocaleString()} links are more than one job takes
          {most !== null && ` (${most.toLocaleString()})`}: they go as {jobs} jobs.
        </p>
      )}
      {found.all.length === 0 && checked.trim() !== '' && (
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
        {(text !== '' || cleared) && (
          <button
            type="button"
            class="button"
            onClick={() => {
              if (text !== '') draftStore.clear();
              else draftStore.undoClear();
              area.current?.focus();
            }}
          >
            {text === '' ? 'Undo clear' : 'Clear'}
          </button>
        )}
      </div>
    </form>
  );
}
