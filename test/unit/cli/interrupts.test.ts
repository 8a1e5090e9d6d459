import { listenToInterrupts, type Interrupts } from '../../../cli/interrupts';

describe('Ctrl-C', () => {
  let time: number;
  let interrupts: Interrupts;
  const press = (): void => void process.emit('SIGINT', 'SIGINT');

  beforeEach(() => {
    time = 0;
    interrupts = listenToInterrupts(() => time);
  });
  afterEach(() => interrupts.close());

  it('is one wish where npm passes it on as well', () => {
    press();
    expect([interrupts.take(), interrupts.take()]).toEqual([true, false]);
    time = 999;
    press();
    expect(interrupts.take()).toBe(false);
  });

  it('is another wish a second later', () => {
    press();
    interrupts.take();
    time = 1000;
    press();
    expect(interrupts.take()).toBe(true);
  });

  it('ends a wait at once, whether it came before or comes meanwhile', async () => {
    press();
    await interrupts.wait(2 ** 30);
    interrupts.take();
    time = 1000;
    const waiting = interrupts.wait(2 ** 30);
    press();
    await waiting;
    expect(interrupts.take()).toBe(true);
  });

  it('ends the process as ever once nobody listens any more', () => {
    const before = process.listenerCount('SIGINT');
    interrupts.close();
    expect(process.listenerCount('SIGINT')).toBe(before - 1);
  });
});
