import { RelayError } from '../../lib/errors';
import { createReadiness } from '../../lib/readiness';

describe('readiness', () => {
  const state = {
    isStopping: false,
    isStoreAlive: true,
    refusal: null as RelayError | null,
    sinceTaken: Infinity,
    unreachable: null as string | null,
    looks: 0,
  };
  const initial = { ...state };
  const unready = createReadiness({
    isStopping: () => state.isStopping,
    isStoreAlive: () => state.isStoreAlive,
    gate: { refusal: () => state.refusal, sinceTaken: () => state.sinceTaken },
    unreachable: () => {
      state.looks += 1;
      return Promise.resolve(state.unreachable);
    },
  });
  beforeEach(() => Object.assign(state, initial));

  it('is there while Imgur can be reached', async () => {
    expect(await unready()).toBeNull();
    expect(state.looks).toBe(1);
  });

  it('ends with a stop, with a refusal, and with the way to Imgur', async () => {
    state.unreachable = 'Imgur cannot be reached: ENETUNREACH.';
    expect(await unready()).toBe('Imgur cannot be reached: ENETUNREACH.');
    state.refusal = new RelayError('imgur_auth', 'Imgur refused the client ID.');
    expect(await unready()).toBe('Imgur refused the client ID.');
    state.isStoreAlive = false;
    expect(await unready()).toBe('The database is away for now.');
    state.isStopping = true;
    expect(await unready()).toBe('The service is stopping and takes no new jobs.');
    expect(state.looks).toBe(1);
  });

  it('needs no look while Imgur takes uploads', async () => {
    state.unreachable = 'Imgur cannot be reached: ENETUNREACH.';
    state.sinceTaken = 59_999;
    expect(await unready()).toBeNull();
    expect(state.looks).toBe(0);
    state.sinceTaken = 60_000;
    expect(await unready()).not.toBeNull();
  });
});
