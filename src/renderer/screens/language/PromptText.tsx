import type { ShownPart } from '../../../core/api/language.ts';
import { countText } from '../../format/format.ts';

/** A prompt as the model reads it; values of fields stand out, and every part says how many tokens it takes. */
export function PromptText({ parts }: { parts: readonly ShownPart[] }) {
  return (
    <ol className="line-above line-below" aria-label="Prompt">
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a prompt are told apart by their place alone
        <li key={index} className="prompt-part grid gap-2">
          <span className="small muted">{part.kind}</span>
          <span className="prompt-words mono breaks">
            {part.pieces.map((piece, at) =>
              piece.field === null ? (
                piece.text
              ) : (
                <mark
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  key={at}
                  className="prompt-slot"
                  title={`${piece.field}, ${countText(piece.tokens, 'token')}${piece.cut ? ', cut' : ''}`}
                >
                  {piece.text}
                </mark>
              ),
            )}
          </span>
          <span className="small muted text-end">{part.tokens}</span>
        </li>
      ))}
    </ol>
  );
}
