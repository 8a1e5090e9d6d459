import { useEffect, useRef } from 'preact/hooks';
import { headline } from './job-words';
import { isOver, type JobState } from './job-state';
import { mayNotify, wantsNotice } from './notice';

/** The page's icon with a mark on it. */
const withMark = (icon: string): string =>
  icon.replace(
    '%3C/svg',
    "%3Ccircle cx='24' cy='24' r='8' fill='%2322c55e' stroke='white' stroke-width='2'/%3E%3C/svg",
  );

/** Tells somebody who looks at another tab that a job has ended: by the icon, and by a notification. */
export function useTabSignal(job: JobState | null): void {
  const wasOpen = useRef(false);
  const icon = useRef<{ link: HTMLLinkElement; plain: string } | null>(null);

  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    if (!link) return;
    icon.current = { link, plain: link.href };
    const restore = (): void => {
      if (!document.hidden && icon.current) icon.current.link.href = icon.current.plain;
    };
    document.addEventListener('visibilitychange', restore);
    return () => {
      document.removeEventListener('visibilitychange', restore);
      link.href = icon.current?.plain ?? link.href;
    };
  }, []);

  useEffect(() => {
    if (!job) return;
    const hasEnded = wasOpen.current && isOver(job);
    wasOpen.current = !isOver(job);
    if (!hasEnded || !document.hidden) return;
    if (icon.current) icon.current.link.href = withMark(icon.current.plain);
    if (mayNotify() && wantsNotice.get()) new Notification(headline(job));
  }, [job]);
}
