import { MemoryBudget } from '../../../lib/images/memory-budget';

const KB = 1024;
const never = (): void => {
  throw new Error('Expected not to be told to go on');
};

describe('MemoryBudget', () => {
  it('lets all go on below the limit', () => {
    const budget = new MemoryBudget(1000 * KB);
    expect(budget.open(never).add(500 * KB)).toBe(true);
    expect(budget.open(never).add(500 * KB)).toBe(true);
  });

  it('stops all but the first over the limit, and lets small ones pass', () => {
    const budget = new MemoryBudget(1000 * KB);
    const [first, second, third] = [budget.open(never), budget.open(never), budget.open(never)];
    expect(first.add(900 * KB)).toBe(true);
    expect(second.add(200 * KB)).toBe(false);
    expect(first.add(900 * KB)).toBe(true);
    expect(third.add(100 * KB)).toBe(true);
    expect(third.add(100 * KB)).toBe(false);
  });

  it('lets the next one go on when the first has ended, and all once there is room', () => {
    const budget = new MemoryBudget(1000 * KB);
    const told: string[] = [];
    const first = budget.open(never);
    const second = budget.open(() => told.push('second'));
    const third = budget.open(() => told.push('third'));
    first.add(600 * KB);
    second.add(700 * KB);
    third.add(400 * KB);
    first.close();
    expect(told).toEqual(['second']);
    second.close();
    expect(told).toEqual(['second', 'third']);
  });

  it("is in nobody's way once the one that waited has gone", () => {
    const budget = new MemoryBudget(1000 * KB);
    const [first, second] = [budget.open(never), budget.open(never)];
    first.add(900 * KB);
    expect(first.isInTheWay).toBe(false);
    second.add(200 * KB);
    expect([first.isInTheWay, second.isInTheWay]).toEqual([true, false]);
    second.close();
    expect(first.isInTheWay).toBe(false);
  });

  it('gives the memory of one that is closed twice back once', () => {
    const budget = new MemoryBudget(1000 * KB);
    const one = budget.open(never);
    const [first, other] = [budget.open(never), budget.open(never)];
    one.add(500 * KB);
    first.add(500 * KB);
    one.close();
    one.close();
    // What still comes of it is nobody's to keep.
    expect(one.add(KB)).toBe(false);
    expect(other.add(500 * KB)).toBe(true);
    expect(other.add(KB)).toBe(false);
  });
});
