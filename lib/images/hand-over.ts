import type { Agent, ClientRequest, IncomingMessage } from 'node:http';

/** What Node asks of an agent (`http.Agent`); its types leave it out. */
interface AskedAgent extends Agent {
  addRequest(request: ClientRequest, ...rest: unknown[]): void;
}

/** What Node calls when a request ends before its answer was read: it throws the rest away. */
interface DumpedAnswer extends IncomingMessage {
  _dump(): void;
}

/**
 * An agent for one request that hands the answer over as Node received it, body and all; the
 * response of `fetch` has its status and headers, and a body in which nothing arrives.
 *
 * node-fetch 2 passes a body on through a stream of its own. That stream is not told when the
 * connection ends before the announced length is there, so that its reader would wait until a time
 * limit; and it loses a body that was whole when the source sends more than it announced.
 */
export function handOver(agent: Agent, take: (answer: IncomingMessage) => void): Agent {
  const asked = agent as AskedAgent;
  const handing = Object.create(asked) as AskedAgent;
  handing.addRequest = (request, ...rest) => {
    request.once('response', (answer: DumpedAnswer) => {
      answer.pipe = (target) => target;
      // Bytes behind the announced ones end the request, but the answer before them is whole.
      answer._dump = () => undefined;
      // To be aborted or cut off is an error to the answer, also when nobody reads it any more.
      answer.on('error', () => undefined);
      take(answer);
    });
    asked.addRequest(request, ...rest);
  };
  return handing;
}
