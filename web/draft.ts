import { useEffect, useState } from 'preact/hooks';
import { readStored, writeStored } from './stored';

const NAME = 'image-relay.draft';

export interface Draft {
  readonly text: string;
  /** What was cleared away last, and may be brought back; null if nothing was since. */
  readonly cleared: string | null;
  /** Why something that was dropped or chosen was not taken. */
  readonly refused: string | null;
}

const listeners = new Set<() => void>();
let draft: Draft | null = null;

/** The text of the form: it stays while another view is looked at, and through a reload of the tab. */
export const draftStore = {
  get(): Draft {
    const kept = draft === null ? readStored('sessionStorage', NAME) : null;
    draft ??= { text: typeof kept === 'string' ? kept : '', cleared: null, refused: null };
    return draft;
  },
  set(text: string): void {
    change({ text, cleared: null, refused: null });
  },
  /** Puts more behind what is there. */
  add(more: string): void {
    const before = draftStore.get().text.trimEnd();
    draftStore.set(before === '' ? more : `${before}\n${more}`);
  },
  clear(): void {
    change({ text: '', cleared: draftStore.get().text, refused: null });
  },
  undoClear(): void {
    draftStore.set(draftStore.get().cleared ?? '');
  },
  refuse(refused: string): void {
    change({ ...draftStore.get(), refused });
  },
};

export function useDraft(): Draft {
  const [now, setNow] = useState(() => draftStore.get());
  useEffect(() => {
    const onChange = (): void => setNow(draftStore.get());
    onChange();
    listeners.add(onChange);
    return () => void listeners.delete(onChange);
  }, []);
  return now;
}

function change(next: Draft): void {
  draft = next;
  writeStored('sessionStorage', NAME, next.text);
  for (const listener of listeners) listener();
}
