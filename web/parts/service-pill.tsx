import { useService } from '../service';

/** Which Imgur the pictures go to, and whether the service is there, in a word. */
export function ServicePill() {
  const { health, isReachable } = useService();
  const [tone, text] = !isReachable
    ? ['bad', 'Not reachable']
    : health === null
      ? ['idle', 'Connecting…']
      : health.status === 'draining'
        ? ['warn', 'Stopping']
        : health.status === 'degraded'
          ? ['warn', 'Waiting']
          : health.pausedUntil !== null
            ? ['warn', 'Paused']
            : ['good', imgurName(health.imgur)];
  return (
    <p class="pill" data-tone={tone} title={health ? `Pictures go to: ${health.imgur}` : undefined}>
      <span class="pill-dot" aria-hidden="true" />
      <span class="visually-hidden">Service: </span>
      <span>{text}</span>
    </p>
  );
}

export function imgurName(imgur: string): string {
  if (imgur === 'embedded') return 'Embedded Imgur';
  return imgur.replace(/^https?:\/\//, '');
}
