/** A figure and its name in a `dl`; a dash while it is not known. */
export function Fact({ name, value }: { name: string; value: string | null | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="number">{value ?? '–'}</dd>
    </div>
  );
}
