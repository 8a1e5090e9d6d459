import { stopOnSignals } from '../../../local/signals';
import { logLines } from '../../support/log-lines';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

describe('stopOnSignals', () => {
  const drained: string[] = [];
  const note = (): void => void drained.push('drain');
  let now = 0;
  let exits: jest.SpyInstance;

  beforeEach(() => {
    drained.length = 0;
    now = 5;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    exits = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    stopOnSignals(logLines().log);
    // In the place of serverless-offline.
    process.on('SIGINT', note).on('SIGTERM', note);
  });
  afterEach(() => {
    for (const signal of SIGNALS) process.removeAllListeners(signal);
    jest.restoreAllMocks();
  });

  it.each(SIGNALS)('leaves a first %s to the drain', (signal) => {
    process.emit(signal, signal);
    expect(drained).toEqual(['drain']);
    expect(exits).not.toHaveBeenCalled();
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends at once by another %s, unless it comes within a second', (signal, status) => {
    process.emit(signal, signal);
    now += 999;
    process.emit(signal, signal);
    expect(exits).not.toHaveBeenCalled();
    now += 1;
    process.emit(signal, signal);
    expect(exits).toHaveBeenCalledWith(status);
  });

  it.each(SIGNALS)('is not hurried by a terminal that closes after %s', (signal) => {
    process.emit(signal, signal);
    now += 60_000;
    process.emit('SIGHUP', 'SIGHUP');
    expect(exits).not.toHaveBeenCalled();
    expect(drained).toEqual(['drain']);
  });
});
