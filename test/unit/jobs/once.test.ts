import { onceInMemory } from '../../../lib/jobs/once';
import { itDoesThingsOnce } from '../../support/once-contract';

describe('things that are done once, in memory', () => {
  itDoesThingsOnce(() => {
    const once = onceInMemory();
    return Promise.resolve([once, once]);
  });
});
