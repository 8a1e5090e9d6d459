import { useLayoutEffect } from 'preact/hooks';
import type { ComponentChildren } from 'preact';

/** The heading of a view: what is focused when the view is opened, and the tab's title. */
export function Heading({ title, children }: { title: string; children: ComponentChildren }) {
  useLayoutEffect(() => {
    document.title = title;
  }, [title]);
  return <h1 tabIndex={-1}>{children}</h1>;
}
