import fc from 'fast-check';
import { Heap, type HeapItem } from '../../../lib/jobs/fair-queue/heap';

interface Item extends HeapItem {
  rank: number;
}

describe('Heap', () => {
  it('gives the smallest first, whatever came, changed its rank or left in between', () => {
    const step = fc.record({ op: fc.nat(2), at: fc.nat(20), rank: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const heap = new Heap<Item>((one, other) => one.rank < other.rank);
        const inside: Item[] = [];
        for (const { op, at, rank } of steps) {
          const item = inside[at];
          if (op === 0 || !item) {
            const added = { rank, slot: -1 };
            inside.push(added);
            heap.place(added);
          } else if (op === 1) {
            item.rank = rank;
            heap.place(item);
          } else {
            heap.remove(item);
            expect(item.slot).toBe(-1);
            inside.splice(at, 1);
          }
          expect(heap.first?.rank).toBe(inside.map((each) => each.rank).sort((a, b) => a - b)[0]);
        }
        const order: number[] = [];
        for (let first = heap.first; first; first = heap.first) {
          order.push(first.rank);
          heap.remove(first);
        }
        expect(order).toEqual(inside.map((each) => each.rank).sort((a, b) => a - b));
      }),
      { numRuns: 300 },
    );
  });

  it('does not mind an item that is not in it', () => {
    const heap = new Heap<Item>((one, other) => one.rank < other.rank);
    heap.remove({ rank: 1, slot: -1 });
    expect(heap.first).toBeUndefined();
  });
});
