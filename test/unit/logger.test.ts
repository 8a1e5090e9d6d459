import { SECRET_KEYS } from '../../lib/hide-secrets';
import { createLogger } from '../../lib/logger';

function lineOf(fields: object): Record<string, unknown> {
  let text = '';
  createLogger('info', { write: (line) => void (text += line) }).info(fields, 'a message');
  return JSON.parse(text) as Record<string, unknown>;
}

describe('a line of the log', () => {
  it('has the level as a word, the time in ISO 8601, its fields, and the message last', () => {
    const line = lineOf({ jobId: 'a', bytes: 1 });
    expect(Object.keys(line)).toEqual(['level', 'time', 'jobId', 'bytes', 'message']);
    expect(line).toMatchObject({ level: 'info', jobId: 'a', bytes: 1, message: 'a message' });
    const age = Date.now() - Date.parse(String(line['time']));
    expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(age).toBeGreaterThanOrEqual(0);
  });

  it('tells the time of each line anew', () => {
    jest.useFakeTimers({ now: 0 });
    try {
      const times: unknown[] = [];
      const write = (line: string): void =>
        void times.push((JSON.parse(line) as { time: string }).time);
      const log = createLogger('info', { write });
      for (const ms of [0, 1, 0]) {
        jest.advanceTimersByTime(ms);
        log.info('a message');
      }
      expect(times).toEqual([
        '1970-01-01T00:00:00.000Z',
        '1970-01-01T00:00:00.001Z',
        '1970-01-01T00:00:00.001Z',
      ]);
    } finally {
      jest.useRealTimers();
    }
  });

  it.each(SECRET_KEYS)(
    'shows no %s, at its top, in an object, in an array or of an error',
    (key) => {
      const holder = { [key]: 's3cret', other: 'shown' };
      const line = lineOf({
        ...holder,
        cause: holder,
        list: [{ deep: holder }],
        error: Object.assign(new Error('broken'), holder),
      });
      expect(JSON.stringify(line)).not.toContain('s3cret');
      expect(line).toMatchObject({
        [key]: '***',
        cause: { [key]: '***', other: 'shown' },
        list: [{ deep: { [key]: '***', other: 'shown' } }],
        error: { [key]: '***', other: 'shown', message: 'broken' },
      });
    },
  );

  it('leaves what it was given as it is', () => {
    const fields = { cause: { apiKey: 's3cret' } };
    lineOf(fields);
    expect(fields).toEqual({ cause: { apiKey: 's3cret' } });
  });
});
