import type { Trouble } from '../upload-words';

export function TroubleBox({ trouble: { message, details } }: { trouble: Trouble }) {
  return (
    <div class="banner" data-tone="bad">
      <p>{message}</p>
      {details.length > 0 && (
        <ul>
          {details.map((detail) => (
            <li key={detail}>{detail}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
