import { LEGACY, type ProfileName, type Reply, jsonReply, UPLOAD } from './replies';

const HOUR_MS = 3_600_000;
/** Callers that are remembered; the oldest goes first. */
const MAX_CALLERS = 10_000;

/** What each caller has left, by Imgur's headers about limits. */
export interface RateCounter {
  /** Takes one upload off what a caller has left. @returns the refusal if nothing was. */
  spend(caller: string): Reply | null;
  headers(caller: string, profile: ProfileName): Record<string, string>;
  /** The data of `GET /3/credits`. */
  credits(caller: string): Record<string, number>;
}

interface Window {
  used: number;
  /** Unix time in milliseconds. */
  endsAt: number;
}

/**
 * @param perHour uploads that a caller has in an hour, which begins with its first one; null: they
 *   never run out, and the headers always say the same.
 * @param now Unix time in milliseconds.
 */
export function createRateCounter(perHour: number | null, now = Date.now): RateCounter {
  const windows = new Map<string, Window>();

  function of(caller: string): Window {
    const known = windows.get(caller);
    if (known && known.endsAt > now()) return known;
    windows.delete(caller);
    const fresh = { used: 0, endsAt: now() + HOUR_MS };
    windows.set(caller, fresh);
    for (const oldest of windows.keys()) {
      if (windows.size <= MAX_CALLERS) break;
      windows.delete(oldest);
    }
    return fresh;
  }

  function left(caller: string) {
    if (perHour === null) return { limit: 1250, remaining: 1249, seconds: 3600 };
    const { used, endsAt } = of(caller);
    const seconds = Math.max(1, Math.ceil((endsAt - now()) / 1000));
    return { limit: perHour, remaining: Math.max(0, perHour - used), seconds };
  }

  const counter: RateCounter = {
    spend(caller) {
      if (perHour === null) return null;
      const window = of(caller);
      if (window.used < perHour) {
        window.used += 1;
        return null;
      }
      const errors = [
        { id: '', code: '429', status: 'Too Many Requests', detail: 'Too Many Requests' },
      ];
      return jsonReply(429, JSON.stringify({ errors }), counter.headers(caller, 'upload'));
    },
    headers(caller, profile) {
      const { limit, remaining, seconds } = left(caller);
      const user = perHour === null ? { limit: 2000, remaining: 1999 } : { limit, remaining };
      return {
        'X-RateLimit-UserLimit': String(user.limit),
        'X-RateLimit-UserRemaining': String(user.remaining),
        'X-RateLimit-UserReset': (profile === 'legacy' ? LEGACY : UPLOAD).userReset(seconds),
        'X-RateLimit-ClientLimit': '12500',
        'X-RateLimit-ClientRemaining': '12499',
        'X-Post-Rate-Limit-Limit': String(limit),
        'X-Post-Rate-Limit-Remaining': String(remaining),
        'X-Post-Rate-Limit-Reset': String(seconds),
      };
    },
    credits(caller) {
      const { limit, remaining, seconds } =
        perHour === null ? { limit: 500, remaining: 500, seconds: 3600 } : left(caller);
      return {
        UserLimit: limit,
        UserRemaining: remaining,
        UserReset: Number(LEGACY.userReset(seconds)),
        ClientLimit: 12_500,
        ClientRemaining: 12_500,
      };
    },
  };
  return counter;
}
