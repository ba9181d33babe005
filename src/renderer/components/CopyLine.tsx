import { CopyButton } from './CopyButton.tsx';

/** A text to be taken elsewhere. */
export function CopyLine({ text, what }: { text: string; what: string }) {
  return (
    <div className="copy-line stack middle wide" style={{ gridTemplateColumns: 'minmax(0, 1fr) auto' }}>
      <code>{text}</code>
      <CopyButton kind="normal" what={what} text={text} />
    </div>
  );
}
