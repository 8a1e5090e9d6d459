import { isOpenable } from '../link-formats';
import { memo } from '../memo';
import { Thumbnail } from './thumbnail';

/** A picture of the gallery; a press opens it larger. */
export const Tile = memo(function Tile({
  link,
  number,
  onOpen,
}: {
  link: string;
  number: number;
  onOpen: (link: string) => void;
}) {
  const name = link.slice(link.lastIndexOf('/') + 1);
  const picture = <Thumbnail link={link} alt={`Picture ${number}: ${name}`} />;
  return (
    <li class="tile">
      {isOpenable(link) ? (
        <a
          href={link}
          target="_blank"
          rel="noreferrer"
          title={link}
          onClick={(event) => {
            // With a key held, the browser opens it elsewhere.
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            onOpen(link);
          }}
        >
          {picture}
        </a>
      ) : (
        picture
      )}
    </li>
  );
});
