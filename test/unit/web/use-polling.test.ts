import { useState } from 'preact/hooks';
import { usePolling } from '../../../web/use-polling';
import { BarePage } from './bare-page';

describe('polling', () => {
  let page: BarePage;
  beforeEach(() => (page = new BarePage()));
  afterEach(() => page.close());

  /** Each question waits for the test to answer it. */
  const poll = async () => {
    const questions: ((answer: string) => void)[] = [];
    const used: string[] = [];
    const hook = await page.use(() => {
      const [state, setState] = useState({ key: 1, enabled: true, interval: 1000 });
      usePolling({
        ...state,
        ask: () => new Promise<string>((resolve) => questions.push(resolve)),
        use: (answer) => used.push(answer),
        fail: (error) => used.push(String(error)),
      });
      return (change: Partial<typeof state>) => setState({ ...state, ...change });
    });
    const change = (to: Parameters<ReturnType<typeof hook>>[0]): void => hook()(to);
    return { questions, used, change };
  };

  it('asks one question at a time, and the next one an interval after the answer', async () => {
    const { questions, used } = await poll();
    await page.wait(5000);
    expect(questions).toHaveLength(1);
    questions[0]?.('first');
    // The answer took five seconds, and so does the rest that it leaves.
    await page.wait(4800);
    expect(questions).toHaveLength(1);
    await page.wait(300);
    expect(questions).toHaveLength(2);
    questions[1]?.('second');
    await page.wait(0);
    expect(used).toEqual(['first', 'second']);
  });

  it('asks at once about another key, and uses nothing that was asked about the one before', async () => {
    const { questions, used, change } = await poll();
    change({ key: 2 });
    await page.wait(0);
    expect(questions).toHaveLength(2);
    questions[0]?.('of the old key');
    questions[1]?.('of the new key');
    await page.wait(0);
    expect(used).toEqual(['of the new key']);
  });

  it('goes by another interval as soon as it has one', async () => {
    const { questions, change } = await poll();
    change({ interval: 60_000 });
    questions[0]?.('first');
    await page.wait(10_000);
    change({ interval: 5000 });
    await page.wait(0);
    expect(questions).toHaveLength(2);
  });

  it('asks nothing while it is not enabled', async () => {
    const { questions, change } = await poll();
    questions[0]?.('first');
    change({ enabled: false });
    await page.wait(60_000);
    expect(questions).toHaveLength(1);
    change({ enabled: true });
    await page.wait(0);
    expect(questions).toHaveLength(2);
  });

  it('asks rarely while nobody sees the tab, and asks at once when somebody does', async () => {
    const { questions } = await poll();
    questions[0]?.('first');
    Object.assign(document, { hidden: true });
    document.dispatchEvent(new Event('visibilitychange'));
    await page.wait(19_000);
    expect(questions).toHaveLength(1);
    await page.wait(1000);
    expect(questions).toHaveLength(2);
    questions[1]?.('second');
    await page.wait(0);
    Object.assign(document, { hidden: false });
    document.dispatchEvent(new Event('visibilitychange'));
    expect(questions).toHaveLength(3);
  });
});
