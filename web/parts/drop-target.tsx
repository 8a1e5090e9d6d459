import { useEffect, useState } from 'preact/hooks';
import { draftStore } from '../draft';
import { picturesOf } from '../pasted-html';
import { readTextFiles } from '../text-files';

/** Takes links, pictures of other pages and text files that are dropped anywhere on the page. */
export function DropTarget() {
  const [isOver, setIsOver] = useState(false);

  useEffect(() => {
    const stop = new AbortController();
    let isOwn = false;
    // Of each element that is entered another one is left.
    let depth = 0;
    const show = (change: number): void => {
      depth = change === 0 ? 0 : Math.max(0, depth + change);
      setIsOver(depth > 0);
    };
    const listen = <K extends keyof WindowEventMap>(
      name: K,
      listener: (event: WindowEventMap[K]) => void,
    ): void => window.addEventListener(name, listener, { signal: stop.signal });

    // A row that is dragged within the page is left to the browser.
    listen('dragstart', () => (isOwn = true));
    listen('dragend', () => (isOwn = false));
    listen('dragenter', () => !isOwn && show(1));
    listen('dragleave', () => !isOwn && show(-1));
    listen('dragover', (event) => {
      if (!isOwn) event.preventDefault();
    });
    listen('drop', (event) => {
      if (isOwn) return;
      // A file that misses the field would otherwise be opened in place of the page.
      event.preventDefault();
      show(0);
      if (event.dataTransfer) void take(event.dataTransfer);
    });
    return () => stop.abort();
  }, []);

  return isOver ? (
    <div class="drop-target" aria-hidden="true">
      <p>Drop links or text files to add them to the list</p>
    </div>
  ) : null;
}

async function take(transfer: DataTransfer): Promise<void> {
  const files = [...transfer.files];
  // A picture dragged from another page comes as a file too, beside its address.
  const pictures = picturesOf(transfer.getData('text/html')).join('\n');
  const plain = transfer.getData('text/uri-list') || transfer.getData('text/plain');
  if (location.hash !== '' && location.hash !== '#/') location.hash = '#/';
  if (pictures || plain) draftStore.add(pictures || plain);
  else await takeFiles(files);
}

/** Adds the text of files to the list, and says which of them are none. */
export async function takeFiles(files: readonly File[]): Promise<void> {
  const { text, refused } = await readTextFiles(files);
  if (text !== '') draftStore.add(text);
  if (refused !== null) draftStore.refuse(refused);
}
