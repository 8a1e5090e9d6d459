import { Heading } from '../parts/heading';

export function UnknownView() {
  return (
    <section class="empty">
      <Heading title="Not found – image-relay">There is nothing here</Heading>
      <p>
        This address leads nowhere. <a href="#/">Upload images</a> or look at{' '}
        <a href="#/gallery">the gallery</a>.
      </p>
    </section>
  );
}
