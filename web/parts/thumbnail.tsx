import { useState } from 'preact/hooks';
import { isOpenable, thumbnailOf } from '../link-formats';

/** Pictures that move, of which the small version moves too. */
const MOVING = /\.(?:gif|apng|webp)(?:[?#]|$)/i;
const wantsStillness = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** A small view of a picture; where the browser can't show it, its type in letters. */
export function Thumbnail({ link, alt }: { link: string; alt: string }) {
  const [isBroken, setIsBroken] = useState(false);
  const source = thumbnailOf(link);
  if (isBroken || !isOpenable(link)) {
    const extension = /\.([a-z0-9]{1,5})$/i.exec(link)?.[1] ?? '?';
    return (
      <span class="thumbnail" role={alt === '' ? undefined : 'img'} aria-label={alt || undefined}>
        <span aria-hidden="true">{extension}</span>
      </span>
    );
  }
  return (
    <img
      class="thumbnail"
      src={source}
      alt={alt}
      loading="lazy"
      decoding="async"
      referrerpolicy="no-referrer"
      onLoad={({ currentTarget }) => {
        if (MOVING.test(source) && wantsStillness()) holdStill(currentTarget);
      }}
      onError={() => setIsBroken(true)}
    />
  );
}

/** Puts the picture's first frame in its place. */
function holdStill(image: HTMLImageElement): void {
  const canvas = document.createElement('canvas');
  const { naturalWidth: width, naturalHeight: height } = image;
  [canvas.width, canvas.height] = [width, height];
  canvas.className = 'thumbnail';
  canvas.getContext('2d')?.drawImage(image, 0, 0, width, height);
  if (image.alt === '') canvas.setAttribute('aria-hidden', 'true');
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', image.alt);
  image.hidden = true;
  image.after(canvas);
}
