import { Component, h, type ComponentType, type FunctionComponent } from 'preact';

/** A component that is left alone as long as its properties are the same, one by one. */
export function memo<P extends object>(part: FunctionComponent<P>): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      // `key` is none of them, and all others are given each time.
      const now = this.props as Readonly<P>;
      return (Object.keys(next) as (keyof P)[]).some((name) => next[name] !== now[name]);
    }

    override render() {
      return h(part, this.props as P);
    }
  };
}
