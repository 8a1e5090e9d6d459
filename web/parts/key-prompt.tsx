import { useEffect, useRef, useState } from 'preact/hooks';
import { api, keyStore } from '../api';
import { useAnnounce } from '../announcer';
import { useService } from '../service';

/**
 * Asks for the key when a call was refused for want of one; kept for this tab only. It takes the focus
 * from nobody who did not ask for such a call, and gives it back.
 */
export function KeyPrompt() {
  const { needsKey, refusals, refresh, notice, resume } = useService();
  const announce = useAnnounce();
  const field = useRef<HTMLInputElement>(null);
  const cameFrom = useRef<HTMLElement | null>(null);
  const seen = useRef(refusals);
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => {
    const { activeElement } = document;
    const isFree = activeElement === null || activeElement === document.body;
    const isAsked = refusals !== seen.current;
    seen.current = refusals;
    if (!needsKey || !(isAsked || isFree)) return;
    field.current?.focus();
  }, [needsKey, refusals]);

  useEffect(() => {
    if (needsKey) announce('This service asks for a key.');
  }, [needsKey, announce]);

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
    } catch (error) {
      keyStore.forget();
      setProblem(notice(error).problem ?? 'The service didn’t take this key. Check it.');
      return;
    }
    setKey('');
    setProblem(null);
    announce('The key was accepted.');
    const before = cameFrom.current ?? document.querySelector('h1');
    before?.focus();
    refresh();
    const goOn = resume.current;
    resume.current = null;
    goOn?.();
  };

  if (!needsKey) return null;
  return (
    <div class="page-width">
      <form
        class="banner key-prompt"
        data-tone="warn"
        aria-labelledby="key-title"
        onFocusIn={({ currentTarget, relatedTarget: from }) => {
          const isOwn = from instanceof Node && currentTarget.contains(from);
          if (from instanceof HTMLElement && !isOwn) cameFrom.current = from;
        }}
        onSubmit={(event) => void use(event)}
        noValidate
      >
        <p>
          <strong id="key-title">This service asks for a key.</strong> Its operator gave it out.
          Jobs and links are shown once it has one. It is kept for this tab only.
        </p>
        <div class="row">
          <label for="key">Key</label>
          <input
            id="key"
            ref={field}
            type="password"
            autocomplete="off"
            spellcheck={false}
            value={key}
            aria-invalid={problem !== null}
            aria-describedby="key-problem"
            onInput={(event) => setKey(event.currentTarget.value)}
          />
          <button type="submit" class="button primary">
            Use this key
          </button>
        </div>
        <p id="key-problem" class="key-problem" role="alert">
          {problem}
        </p>
      </form>
    </div>
  );
}
