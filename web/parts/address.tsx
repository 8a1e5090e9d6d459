/**
 * An address on one line. Where it is too long its beginning gives way, as its end tells more; it
 * stays one text, to select, to search and to read aloud.
 */
export function Address({ text }: { text: string }) {
  return (
    <span class="address">
      <bdi dir="ltr">{text}</bdi>
    </span>
  );
}
