import { fork } from 'node:child_process';
import path from 'node:path';
import type { Answer } from '../../lib/http/answer';
import recorded from '../fixtures/lambda/http-event.json';
import { cleanEnvironment } from './clean-environment';

const PROGRAM = path.join(__dirname, '../fixtures/lambda/call.cjs');

export interface Called {
  readonly answer: Answer;
  /** How many files of the AWS SDK were loaded. */
  readonly sdk: number;
}

/** What API Gateway sends for a request: what it sent for another one once, with this one's route. */
export function recordedEvent(route: string, more: object = {}): object {
  const [method = '', template = ''] = route.split(' ');
  const rawPath = template.replace(/\{\w+\}/g, 'unknown');
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const http = { ...recorded.requestContext.http, method, path: rawPath };
  return {
    ...recorded,
    ...{ routeKey: route, rawPath, requestContext: { ...recorded.requestContext, http } },
    ...(names.length > 0
      ? { pathParameters: Object.fromEntries(names.map((name) => [name, 'unknown'])) }
      : {}),
    ...more,
  };
}

/** Calls a function in a Node process of its own that has nothing but its bundle. */
export function callFunction(
  file: string,
  event: object,
  env: Record<string, string>,
  cwd = path.dirname(path.dirname(file)),
): Promise<Called> {
  return new Promise((resolve, reject) => {
    const child = fork(PROGRAM, [file, JSON.stringify(event)], {
      cwd,
      env: { ...cleanEnvironment(), NODE_PATH: '', ...env },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let errors = '';
    child.stderr?.on('data', (text: Buffer) => (errors += text.toString()));
    child.on('message', (called) => resolve(called as Called));
    child.on('exit', () => reject(new Error(`${file} gave no answer: ${errors}`)));
  });
}
