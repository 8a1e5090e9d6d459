import { Cancellation } from '../../lib/cancellation';

const reason = new Error('enough');

describe('Cancellation', () => {
  it('tells every listener why, in order, and each once', () => {
    const cancellation = new Cancellation();
    const heard: [string, Error][] = [];
    cancellation.onCancel((why) => heard.push(['first', why]));
    cancellation.onCancel((why) => heard.push(['second', why]));
    expect(cancellation.reason).toBeNull();
    expect(() => cancellation.throwIfCancelled()).not.toThrow();

    cancellation.cancel(reason);
    cancellation.cancel(new Error('again'));
    expect(heard).toEqual([
      ['first', reason],
      ['second', reason],
    ]);
    expect(cancellation.reason).toBe(reason);
  });

  it('tells at once whoever comes too late', () => {
    const cancellation = new Cancellation();
    cancellation.cancel(reason);
    const heard: Error[] = [];
    cancellation.onCancel((why) => heard.push(why));
    expect(heard).toEqual([reason]);
    expect(() => cancellation.throwIfCancelled()).toThrow(reason);
  });
});
