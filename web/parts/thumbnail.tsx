import { useState } from 'preact/hooks';
import { isOpenable, thumbnailOf } from '../link-formats';
import { StillPicture } from './still-picture';

/** A small view of a picture; where the browser can't show it, its type in letters. */
export function Thumbnail({ link, alt }: { link: string; alt: string }) {
  const [isBroken, setIsBroken] = useState(false);
  if (isBroken || !isOpenable(link)) {
    const extension = /\.([a-z0-9]{1,5})$/i.exec(link)?.[1] ?? '?';
    return (
      <span class="thumbnail" role={alt === '' ? undefined : 'img'} aria-label={alt || undefined}>
        <span aria-hidden="true">{extension}</span>
      </span>
    );
  }
  return (
    <StillPicture
      key={link}
      src={thumbnailOf(link)}
      alt={alt}
      look="thumbnail"
      isLazy
      onBroken={() => setIsBroken(true)}
    />
  );
}
