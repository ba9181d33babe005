import { Button } from './Button.tsx';

/** Behind what cannot be found or taken: what was likely meant, which a click takes. */
export function Meant({ text, onTake }: { text: string | null | undefined; onTake(text: string): void }) {
  if (text == null) return null;
  return (
    <>
      {' '}
      Did you mean{' '}
      <Button
        kind="quiet"
        data-size="small"
        // The field keeps the focus: what is typed in it is not left.
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => onTake(text)}
      >
        {text}
      </Button>
      ?
    </>
  );
}
