import type { PageDocument } from 'image-relay:page';
import { createHash } from 'node:crypto';
import type { Config } from '../config';
import type { Answer } from './answer';

type PageConfig = Pick<Config, 'publicUrl' | 'imgurApiUrl'>;

/**
 * The page with a policy that lets it run its own script, talk to its own service, and no more.
 *
 * @returns what answers a request, given its `If-None-Match`.
 */
export function createPage(
  page: PageDocument,
  config: PageConfig,
): (ifNoneMatch: string | undefined) => Answer {
  const etag = `"${createHash('sha256').update(page.html).digest('base64url').slice(0, 22)}"`;
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(page, config),
    'cross-origin-opener-policy': 'same-origin',
    // Kept, but asked about each time: a new version of the service brings a new page.
    'cache-control': 'no-cache',
    etag,
  };
  return (ifNoneMatch) => {
    const isKnown = ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
    return isKnown
      ? { statusCode: 304, headers, body: '' }
      : { statusCode: 200, headers, body: page.html };
  };
}

function contentSecurityPolicy(
  { scriptHash, styleHash }: PageDocument,
  config: PageConfig,
): string {
  return [
    "default-src 'none'",
    `script-src ${scriptHash}`,
    `style-src ${styleHash}`,
    `img-src 'self' data: ${pictureHosts(config).join(' ')}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** Where the links lead that the page shows thumbnails of. */
function pictureHosts({ publicUrl, imgurApiUrl }: PageConfig) {
  if (imgurApiUrl === null) return [new URL(publicUrl).origin];
  if (/^https:\/\/(?:[\w-]+\.)*imgur\.com$/.test(imgurApiUrl)) return ['https://i.imgur.com'];
  // A stand-in for Imgur gives links to wherever it likes.
  return ['https:', 'http:'];
}
