import { useEffect, useRef, useState } from 'preact/hooks';
import { api, keyStore } from '../api';
import { useAnnounce } from '../announcer';
import { useService } from '../service';

/** Asks for the key when a call was refused for want of one; kept for this tab only. */
export function KeyPrompt() {
  const { needsKey, refusals, refresh, notice, resume } = useService();
  const announce = useAnnounce();
  const dialog = useRef<HTMLDialogElement>(null);
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isDismissed, setIsDismissed] = useState(false);

  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    if (needsKey && !isDismissed && !element.open) element.showModal();
    if (!needsKey && element.open) element.close();
    if (!needsKey) setIsDismissed(false);
  }, [needsKey, isDismissed]);

  useEffect(() => setIsDismissed(false), [refusals]);

  const use = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const given = key.trim();
    if (!/^[\x21-\x7e]+$/.test(given)) {
      setProblem('Enter the key: visible characters without blanks.');
      return;
    }
    keyStore.set(given);
    try {
      await api.jobs(1);
      setKey('');
      setProblem(null);
      announce('The key was accepted.');
      refresh();
      const goOn = resume.current;
      dialog.current?.close();
      goOn?.();
    } catch (error) {
      keyStore.forget();
      setProblem(notice(error).problem ?? 'The service didn’t take this key. Check it.');
    }
  };

  return (
    <>
      {needsKey && isDismissed && (
        <button type="button" class="button key-again" onClick={() => setIsDismissed(false)}>
          Enter the key
        </button>
      )}
      <dialog
        ref={dialog}
        class="dialog"
        aria-labelledby="key-title"
        onClose={() => {
          resume.current = null;
          setIsDismissed(true);
        }}
      >
        <form onSubmit={(event) => void use(event)} noValidate>
          <h2 id="key-title">This service asks for a key</h2>
          <p class="quiet">
            Its operator gave it out. It is kept for this tab only, and forgotten when you close it.
          </p>
          <label for="key">Key</label>
          <input
            id="key"
            type="password"
            autocomplete="off"
            spellcheck={false}
            value={key}
            aria-invalid={problem !== null}
            aria-describedby="key-problem"
            onInput={(event) => setKey(event.currentTarget.value)}
          />
          <p id="key-problem" class="field-problem" role="alert">
            {problem}
          </p>
          <div class="actions row">
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              Not now
            </button>
            <button type="submit" class="button primary">
              Use this key
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
