import type { Context } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import type { Logger } from '../logger';

/** A function of this service, by the name under which `serverless.yml` declares it. */
export interface InvocableFunction<Event> {
  readonly name: string;
  readonly handler: (event: Event, context: Context) => Promise<unknown>;
}

/**
 * Starts a function without waiting for its result, as Lambda does for `InvocationType: Event`
 * (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html). A port: behind it stands this
 * process, or the Lambda API (`lib/lambda/lambda-invoker.ts`).
 */
export interface AsyncInvoker {
  /** Resolves when the invocation is accepted; what becomes of it is logged, never thrown. */
  invoke<Event>(target: InvocableFunction<Event>, event: Event): Promise<void>;
  /** Resolves when no invocation is under way. */
  settled(): Promise<void>;
}

/**
 * How long an invocation waits, so that the caller's response reaches its client first. Both need
 * the processor, and only the response is waited for.
 */
const START_AFTER_MS = 2;

/**
 * Runs functions in this process, each a moment after it was asked for, so that the caller's
 * response goes out first.
 *
 * @example const invoker = createInProcessInvoker(log); await invoker.invoke({ name:
 *   'process-upload', handler }, { jobId });
 */
export function createInProcessInvoker(log: Logger): AsyncInvoker {
  const underWay = new Set<Promise<void>>();

  return {
    invoke(target, event) {
      // Lambda hands over a serialised event too: nothing is shared with the caller.
      const copy = structuredClone(event);
      const run = new Promise((resolve) => setTimeout(resolve, START_AFTER_MS))
        .then(() => target.handler(copy, contextFor(target.name)))
        .then(
          () => undefined,
          (error: unknown) => log.error({ function: target.name, error }, 'invocation failed'),
        )
        .finally(() => underWay.delete(run));
      underWay.add(run);
      return Promise.resolve();
    },

    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** The part of a Lambda context that this service reads, and honest values for the rest. */
function contextFor(functionName: string): Context {
  const nothing = (): void => undefined;
  /* eslint-disable @typescript-eslint/no-deprecated -- the type asks for them all the same */
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    memoryLimitInMB: '0',
    awsRequestId: randomUUID(),
    logGroupName: functionName,
    logStreamName: functionName,
    getRemainingTimeInMillis: () => Number.MAX_SAFE_INTEGER,
    done: nothing,
    fail: nothing,
    succeed: nothing,
  };
}
