/** Names the configured credential where those of jobs are named as well. */
export const DEFAULT_KEY = 'default';
