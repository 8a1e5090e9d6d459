import type { RequestOptions } from 'node:http';

/**
 * Where `http.request` goes for a parsed URL, without the URL being serialised and parsed again.
 * Credentials and fragments are left out: URLs that carry the former are refused at submission.
 */
export function requestTarget(
  url: URL,
): Required<Pick<RequestOptions, 'protocol' | 'hostname' | 'path'>> & { port?: string } {
  const { protocol, hostname, port, pathname, search } = url;
  return {
    protocol,
    // The brackets of an IPv6 address belong to the URL and not to the address (RFC 3986, 3.2.2).
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    path: pathname + search,
    ...(port === '' ? {} : { port }),
  };
}
