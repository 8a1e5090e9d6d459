import { RelayError } from '../../../lib/errors';
import { createUndo, deleteUpload } from '../../../lib/jobs/delete-upload';
import type { KnownUpload } from '../../../lib/jobs/job-store';
import { StoreUnavailable } from '../../../lib/jobs/store-unavailable';
import type { Claim } from '../../../lib/jobs/work-queue';
import { logLines } from '../../support/log-lines';

const KNOWN: KnownUpload = {
  ...{ jobId: 'j', clientId: 'me', link: 'https://i.imgur.com/one.png', deletehash: 'hash' },
};
const CLAIM = { jobId: 'j', clientId: 'me' } as Claim;
const UPLOADED = {
  kind: 'uploaded',
  link: KNOWN.link,
  deletehash: 'hash',
  bytes: 1,
  type: 'image/png',
} as const;

function setUp(find: () => Promise<KnownUpload | undefined>, remove = () => Promise.resolve()) {
  const { log, lines } = logLines();
  const done: string[] = [];
  const parts = {
    log,
    store: {
      findUpload: find,
      markDeleted: (id: string) => Promise.resolve(done.push(`marked ${id}`) > 0),
    },
    imgur: {
      async remove({ id, deletehash }: { id: string; deletehash: string | null }, who: unknown) {
        await remove();
        done.push(`removed ${id} ${deletehash} ${String(who)}`);
      },
    },
    metrics: { deletionEnded: (outcome: string) => void done.push(outcome) },
  };
  return { parts, done, lines };
}
const known = () => Promise.resolve(KNOWN);
const unknown = () => Promise.resolve(undefined);

describe('an upload that is to be deleted', () => {
  it('is deleted at Imgur first, and then here', async () => {
    const { parts, done } = setUp(known);
    expect(await deleteUpload(parts, 'one')).toBe(true);
    expect(done).toEqual(['removed one hash me', 'deleted', 'marked one']);
  });

  it('stays here where Imgur refuses', async () => {
    const refuse = () => Promise.reject(new RelayError('imgur_unavailable', 'Imgur fails.'));
    const { parts, done } = setUp(known, refuse);
    await expect(deleteUpload(parts, 'one')).rejects.toMatchObject({
      ...{ name: 'JobRefused', why: 'imgur_refused', message: 'Imgur fails.' },
    });
    expect(done).toEqual(['refused']);
  });

  it('is nobody’s business at Imgur where it is not known here', async () => {
    const { parts, done } = setUp(unknown);
    expect(await deleteUpload(parts, 'one')).toBe(false);
    expect(done).toEqual([]);
  });
});

describe('an upload of an image that had ended before', () => {
  it('is deleted, as no job shows it', async () => {
    const { parts, done } = setUp(unknown);
    await createUndo(parts)(CLAIM, UPLOADED);
    expect(done).toEqual(['removed one hash me', 'deleted']);
  });

  it('stays where a job shows it after all: its result was kept, and the answer lost', async () => {
    const { parts, done } = setUp(known);
    await createUndo(parts)(CLAIM, UPLOADED);
    expect(done).toEqual([]);
  });

  it('stays where that cannot be known, and its deletehash is in the log', async () => {
    const { parts, done, lines } = setUp(() => Promise.reject(new StoreUnavailable()));
    await createUndo(parts)(CLAIM, UPLOADED);
    expect(done).toEqual(['refused']);
    expect(lines).toMatchObject([
      { level: 'warn', message: 'upload not deleted', link: KNOWN.link, deletehash: 'hash' },
    ]);
  });
});
