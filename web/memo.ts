import { Component, h, type ComponentType, type FunctionComponent } from 'preact';

/** A component that is left alone as long as its properties are the same, one by one. */
export function memo<P extends object>(part: FunctionComponent<P>): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const [a, b] = [this.props as Record<string, unknown>, next as Record<string, unknown>];
      const names = new Set([...Object.keys(a), ...Object.keys(b)]);
      return [...names].some((name) => !Object.is(a[name], b[name]));
    }

    override render() {
      return h(part, this.props as P);
    }
  };
}
