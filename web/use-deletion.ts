import { useState } from 'preact/hooks';
import { imageIdOf } from '../lib/jobs/image-id';
import { useAnnounce } from './announcer';
import { api } from './api';
import { useService } from './service';
import { oneLinkGone } from './use-links';

/** Deletes uploads at Imgur, one at a time. */
export function useDeletion() {
  const { refresh, notice } = useService();
  const announce = useAnnounce();
  const [isActing, setIsActing] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);

  /** @returns whether it is gone. */
  const remove = async (link: string): Promise<boolean> => {
    if (isActing) return false;
    setIsActing(true);
    setRefusal(null);
    try {
      await api.remove(imageIdOf(link));
      announce('The upload is deleted.');
      oneLinkGone();
      refresh();
      return true;
    } catch (error) {
      setRefusal(notice(error, 'asked').message);
      return false;
    } finally {
      setIsActing(false);
    }
  };
  return { isActing, refusal, remove };
}
