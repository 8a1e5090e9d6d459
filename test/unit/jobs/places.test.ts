import { Places } from '../../../lib/jobs/places';

describe('Places', () => {
  it('has as many as it may, and one more for each that is lent', () => {
    const places = new Places(1, 10);
    const first = places.take();
    expect(places.isFree).toBe(false);
    expect(places.lend(first)).toBe(true);
    expect(places.isFree).toBe(true);
    places.take();
    expect(places.isFree).toBe(false);
  });

  it('lends no more than it may, until one that was lent ends', () => {
    const places = new Places(2, 1);
    const [one, other] = [places.take(), places.take()];
    expect(places.lend(one)).toBe(true);
    expect([places.lend(other), places.isFree]).toEqual([false, true]);
    places.end(one);
    expect(places.lend(other)).toBe(true);
  });

  it('may lend another once one that was lent is taken back', () => {
    const places = new Places(2, 1);
    const [one, other] = [places.take(), places.take()];
    places.lend(one);
    places.takeBack(one);
    expect(places.lend(other)).toBe(true);
    expect(places.wantBack(other)).toBeNull();
    expect(places.lend(one)).toBe(true);
  });

  it('lends beyond that what waits for another image, but lets nobody start for it', () => {
    const places = new Places(1, 1);
    places.lend(places.take());
    const waiting = places.take();
    expect(places.lend(waiting)).toBe(false);
    expect(places.lend(waiting, true)).toBe(true);
    expect(places.isFree).toBe(false);
    expect(places.wantBack(waiting)).toBeNull();
  });

  it('is tight when what is held could not all be lent', () => {
    const places = new Places(2, 4);
    const taken = [places.take(), places.take()];
    expect(places.isTight).toBe(false);
    for (const place of taken) places.lend(place);
    expect(places.isTight).toBe(true);
  });

  it('lends a place once', () => {
    const places = new Places(1, 10);
    const one = places.take();
    places.lend(one);
    expect(places.lend(one)).toBe(false);
    places.take();
    expect(places.isFree).toBe(false);
  });

  it('gives a place back at once where one is free', () => {
    const places = new Places(1, 10);
    const one = places.take();
    places.lend(one);
    expect(places.wantBack(one)).toBeNull();
    expect(places.isFree).toBe(false);
    expect(places.wantBack(one)).toBeNull();
  });

  it('gives places back in order, before another image may start', async () => {
    const places = new Places(1, 10);
    const [one, two] = [places.take(), places.take()];
    for (const place of [one, two]) places.lend(place);
    const starter = places.take();
    const order: string[] = [];
    const back = [
      places.wantBack(one)?.then(() => order.push('one')),
      places.wantBack(two)?.then(() => order.push('two')),
    ];
    places.end(starter);
    await back[0];
    expect(order).toEqual(['one']);
    expect(places.isFree).toBe(false);
    places.end(one);
    await back[1];
    expect(order).toEqual(['one', 'two']);
  });

  it('passes over an image that has ended while it wanted its place back', () => {
    const places = new Places(1, 10);
    const one = places.take();
    places.lend(one);
    const starter = places.take();
    void places.wantBack(one);
    places.end(one);
    places.end(starter);
    expect(places.isFree).toBe(true);
    places.take();
    expect(places.isFree).toBe(false);
  });

  it('takes a place back that nobody gave, where it cannot be waited for', () => {
    const places = new Places(1, 10);
    const one = places.take();
    places.lend(one);
    const other = places.take();
    expect(places.takeBack(one)).toBe(true);
    expect(places.takeBack(one)).toBe(false);
    places.end(other);
    expect(places.isFree).toBe(false);
    places.end(one);
    expect(places.isFree).toBe(true);
  });

  it('gives nothing back twice', () => {
    const places = new Places(1, 10);
    const one = places.take();
    places.end(one);
    places.end(one);
    places.take();
    expect(places.isFree).toBe(false);
  });
});
