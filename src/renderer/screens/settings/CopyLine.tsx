import { Button } from '../../components/Button.tsx';
import { copyText } from '../../components/copy.ts';

/** A text to be taken elsewhere. */
export function CopyLine({ text, what }: { text: string; what: string }) {
  return (
    <div className="settings-copy">
      <code>{text}</code>
      <Button onClick={() => void copyText(text, what)}>Copy</Button>
    </div>
  );
}
