import { useState } from 'preact/hooks';

/** Pictures that may move. */
const MOVING = /\.(?:gif|apng|webp)(?:[?#]|$)/i;
const wantsStillness = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

/**
 * A picture that stands still where somebody wants less motion: its first frame takes its place. Each
 * picture needs a `key` of its own.
 */
export function StillPicture({
  src,
  alt,
  look,
  isLazy = false,
  onSize,
  onBroken,
}: {
  src: string;
  alt: string;
  look?: string;
  isLazy?: boolean;
  onSize?: (width: number, height: number) => void;
  onBroken?: () => void;
}) {
  const [still, setStill] = useState<HTMLImageElement | null>(null);
  return (
    <>
      <img
        class={look}
        src={src}
        alt={alt}
        hidden={still !== null}
        loading={isLazy ? 'lazy' : 'eager'}
        decoding="async"
        referrerpolicy="no-referrer"
        onLoad={({ currentTarget }) => {
          onSize?.(currentTarget.naturalWidth, currentTarget.naturalHeight);
          if (MOVING.test(src) && wantsStillness()) setStill(currentTarget);
        }}
        onError={onBroken}
      />
      {still !== null && (
        <canvas
          ref={(canvas) => drawOn(canvas, still)}
          class={look}
          role="img"
          aria-label={alt}
          aria-hidden={alt === ''}
        />
      )}
    </>
  );
}

function drawOn(canvas: HTMLCanvasElement | null, image: HTMLImageElement): void {
  if (canvas === null) return;
  const { naturalWidth: width, naturalHeight: height } = image;
  // To set a size is to wipe what was drawn.
  if (canvas.width === width && canvas.height === height) return;
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext('2d')?.drawImage(image, 0, 0, width, height);
}
