import { Button, type ButtonProps } from './Button.tsx';
import { copyText } from './copy.ts';

interface CopyButtonProps extends Pick<ButtonProps, 'kind'> {
  /** What is copied, with its article: "the command". */
  what: string;
  /** Without one there is nothing to copy yet. */
  text: string | undefined;
  /** Default: "Copy". */
  children?: string;
}

/** Copies a text that stands beside it. */
export function CopyButton({ what, text = '', kind = 'quiet', children = 'Copy' }: CopyButtonProps) {
  return (
    <Button
      kind={kind}
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      disabled={text === ''}
      onClick={() => void copyText(text, `Copied ${what}`)}
    >
      {children}
    </Button>
  );
}

/** A text to be taken elsewhere. */
export function CopyLine({ text, what }: { text: string; what: string }) {
  return (
    <div className="grid last-fits gap-3 middle wide">
      <code className="breaks">{text}</code>
      <CopyButton kind="normal" what={what} text={text} />
    </div>
  );
}
