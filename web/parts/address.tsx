/** The end of an address tells more than its middle, so that is what gives way. */
const END = 22;

export function Address({ text }: { text: string }) {
  if (text.length <= END * 1.5) return <span class="address">{text}</span>;
  return (
    <span class="address">
      <span class="cut">{text.slice(0, -END)}</span>
      <span>{text.slice(-END)}</span>
    </span>
  );
}
