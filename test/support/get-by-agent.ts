import http, { type Agent } from 'node:http';
import https from 'node:https';
import type { ConnectHooks } from '../../lib/net/guarded-connection';

/** Follows no redirect. @returns the body as text; rejects with the very error of the request. */
export function getByAgent(url: string, agent: Agent, hooks: ConnectHooks = {}): Promise<string> {
  const { get } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, ...hooks }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('end', () => resolve(text)).on('error', reject);
    });
    request.on('error', reject);
  });
}
