import type { JobListItem } from '../../lib/http/schemas';
import { agoWords, countWords } from '../figures-in-words';
import { jobAddress } from '../router';
import type { Face } from '../use-faces';
import { ProgressBar } from './progress-bar';
import { Thumbnail } from './thumbnail';

/** One job of the list: its name and pictures if they are known, and how far it is. */
export function JobItem({ job, face }: { job: JobListItem; face: Face | undefined }) {
  const { id, created, pending, complete, failed } = job;
  const count = countWords(pending + complete + failed, 'image');
  const { name = '', links = [] } = face ?? {};
  const facts = [
    name !== '' && count,
    pending > 0 && `${(complete + failed).toLocaleString()} done`,
    pending === 0 && failed === 0 && (complete > 0 ? 'all uploaded' : 'all deleted'),
    failed > 0 && `${failed.toLocaleString()} failed`,
  ].filter(Boolean);
  return (
    <li>
      <a class="job-item" href={jobAddress(id)}>
        <span class="job-item-name cut">{name === '' ? count : name}</span>
        <time class="quiet" dateTime={created} title={new Date(created).toLocaleString()}>
          {agoWords(Date.now() - Date.parse(created))}
        </time>
        <span class="job-item-facts quiet">{facts.join(', ')}</span>
        {links.length > 0 && (
          <span class="job-item-pictures">
            {links.map((link) => (
              <Thumbnail key={link} link={link} alt="" />
            ))}
          </span>
        )}
        <ProgressBar
          label={`Progress of the job of ${count}`}
          counts={{ pending, inProgress: 0, complete, failed, cancelled: 0, deleted: 0 }}
        />
      </a>
    </li>
  );
}
