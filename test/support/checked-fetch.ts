import { createApiCheck, type ApiCheck, type ApiDocument } from './api-check';

const unchecked = globalThis.fetch;
const checks = new Map<string, ApiCheck>();

/**
 * From here on, every answer that this test file fetches from a service is checked against the
 * description that the service gives of itself; one that differs rejects the fetch.
 */
export async function checkAnswersOf(serviceUrl: string): Promise<ApiCheck> {
  const document = (await (await unchecked(`${serviceUrl}/openapi.json`)).json()) as ApiDocument;
  const check = createApiCheck(document);
  checks.set(new URL(serviceUrl).origin, check);
  globalThis.fetch = checkedFetch;
  return check;
}

const checkedFetch: typeof fetch = async (input, init) => {
  const response = await unchecked(input, init);
  const request = input instanceof Request ? input : null;
  const url = new URL(request ? request.url : input);
  const method = init?.method ?? request?.method ?? 'GET';
  await checks.get(url.origin)?.check(method.toUpperCase(), url.pathname, response.clone());
  return response;
};
