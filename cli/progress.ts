export interface Progress {
  readonly total: number;
  readonly complete: number;
  readonly failed: number;
  readonly elapsedMs: number;
  /** ISO 8601, or null while uploads go on. */
  readonly pausedUntil: string | null;
}

const LONGEST_BAR = 40;
const SHORTEST_BAR = 8;

/** One line of at most `columns` characters: a bar, counts, and the time left or a pause. */
export function progressLine(progress: Progress, columns: number): string {
  const { total, complete, failed, pausedUntil } = progress;
  const done = complete + failed;
  const counts = `${done}/${total}${failed > 0 ? `, ${failed} failed` : ''}`;
  const time = pausedUntil ? `paused until ${clock(pausedUntil)}` : timeLeft(progress);
  const words = time ? `${counts}, ${time}` : counts;
  const room = Math.min(columns - words.length - 2, LONGEST_BAR);
  if (room < SHORTEST_BAR) return words.slice(0, Math.max(0, columns - 1));
  const filled = Math.floor((room * done) / total);
  return `${'█'.repeat(filled)}${'░'.repeat(room - filled)} ${words}`;
}

/** The average so far, carried on; nothing while that would be guesswork. */
function timeLeft({ total, complete, failed, elapsedMs }: Progress): string {
  const done = complete + failed;
  if (done === 0 || done === total || elapsedMs < 2000) return '';
  const seconds = Math.ceil(((elapsedMs / done) * (total - done)) / 1000);
  if (seconds < 100) return `about ${seconds} s left`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `about ${minutes} min left` : `about ${Math.round(minutes / 60)} h left`;
}

function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString('en-GB');
}

export interface ProgressBar {
  show(progress: Progress): void;
  clear(): void;
}

/** Draws on a terminal, over and over in one line; elsewhere nothing is drawn. */
export function createProgressBar(stream: NodeJS.WriteStream): ProgressBar {
  let shown = '';
  return {
    show(progress) {
      if (!stream.isTTY) return;
      const line = progressLine(progress, stream.columns || 80);
      if (line === shown) return;
      shown = line;
      stream.write(`\r${line}\x1b[K`);
    },
    clear() {
      if (shown === '') return;
      shown = '';
      stream.write('\r\x1b[K');
    },
  };
}
