import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { AsyncInvoker } from '../jobs/invoke-async';
import type { Logger } from '../logger';

export interface LambdaInvokerParts {
  /** Where Lambda's API is; null for AWS's own of this region. */
  readonly lambdaEndpoint: string | null;
  /** The name or ARN under which `process-upload` is deployed. */
  readonly lambdaFunction: string;
  readonly log: Logger;
  readonly timeoutMs?: number;
}

/** It needs no handler: Lambda has it. */
export interface LambdaInvoker extends AsyncInvoker {
  invoke(target: { readonly name: string }, event: unknown): Promise<void>;
}

/**
 * How long an invocation may take to be accepted, its repetitions included: the caller's answer waits
 * for it, as a function is frozen once it has answered. Lambda takes some 20 ms.
 */
const TIMEOUT_MS = 1000;

/**
 * Starts `process-upload` on Lambda itself: `Invoke` with `InvocationType: Event`
 * (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html).
 *
 * An invocation that is not accepted is logged and no more than that: the images are kept, and the
 * schedule of each minute takes them up.
 *
 * @example const invoker = createLambdaInvoker({ lambdaEndpoint: null, lambdaFunction: 'image-relay-prod-process-upload', log });
 */
export function createLambdaInvoker(parts: LambdaInvokerParts): LambdaInvoker {
  const { lambdaEndpoint, lambdaFunction, log, timeoutMs = TIMEOUT_MS } = parts;
  let connected: Promise<Invoke> | undefined;

  return {
    async invoke({ name }, event) {
      try {
        connected ??= connect(lambdaEndpoint);
        const invoke = await connected;
        await invoke(lambdaFunction, JSON.stringify(event), AbortSignal.timeout(timeoutMs));
      } catch (error) {
        log.error({ function: name, error }, 'invocation not accepted');
      }
    },

    settled: () => Promise.resolve(),
  };
}

type Invoke = (functionName: string, payload: string, signal: AbortSignal) => Promise<unknown>;

/** The SDK is loaded here and nowhere else: Lambda brings it, and nobody else needs it. */
async function connect(endpoint: string | null): Promise<Invoke> {
  const { InvokeCommand, LambdaClient: Client } = await import('@aws-sdk/client-lambda');
  const client: LambdaClient = new Client(endpoint === null ? {} : settingsFor(endpoint));
  return (FunctionName, Payload, abortSignal) =>
    client.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }), {
      abortSignal,
    });
}

/** An emulator, as one without TLS is, gets no real credentials and asks for no region. */
function settingsFor(endpoint: string): object {
  if (!endpoint.startsWith('http:')) return { endpoint };
  const credentials = { accessKeyId: 'none', secretAccessKey: 'none' };
  return { endpoint, region: 'us-east-1', credentials };
}
