import { readStored, writeStored } from './stored';

const NAME = 'image-relay.notify';

/** Browsers let secure origins notify, if their user agrees. */
export const mayNotify = (): boolean => isSecureContext && 'Notification' in globalThis;

/** Whether somebody asked to be told when a job is done, in this tab. */
export const wantsNotice = {
  get: (): boolean => readStored('sessionStorage', NAME) === true,
  set: (isWanted: boolean): void => void writeStored('sessionStorage', NAME, isWanted),
};
