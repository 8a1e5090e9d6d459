import pg from 'pg';
import { CHANNELS, type Channel } from './channels';
import { connectionOptions } from './database';

export interface Listener {
  close(): Promise<void>;
}

const AGAIN_MS = 1000;

/**
 * Hears what other processes tell, on a connection of its own, which is opened anew whenever it is
 * lost. What is told meanwhile is lost too, so whoever listens also looks.
 */
export function listen(
  url: string,
  name: string,
  hear: (channel: Channel, payload: string) => void,
): Listener {
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const byName = new Map(
    Object.entries(CHANNELS).map(([key, channel]) => [channel as string, key as Channel]),
  );
  void open();

  return {
    async close() {
      isOver = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };

  async function open(): Promise<void> {
    const opened = new pg.Client(connectionOptions(url, name));
    client = opened;
    let isLost = false;
    const lost = (): void => {
      if (isLost) return;
      isLost = true;
      opened.end().catch(() => undefined);
      if (!isOver) timer = setTimeout(() => void open(), AGAIN_MS);
    };
    opened.on('error', lost);
    opened.on('end', lost);
    opened.on('notification', ({ channel, payload = '' }) => {
      const known = byName.get(channel);
      if (known) hear(known, payload);
    });
    try {
      await opened.connect();
      for (const channel of Object.values(CHANNELS)) await opened.query(`LISTEN ${channel}`);
    } catch {
      lost();
    }
  }
}
