/** Prompts as sequences of tokens. */
import type { Sequence } from '../../../decoders/packed-rows.ts';
import type { PieceEncoder } from '../../../decoders/text/tokenizer.ts';
import type { Prompt } from './prompt-parts.ts';

/** Which tokens of a prompt are trained on: all, every answer in it, the last answer, or its last part alone. */
export type Supervision = 'all' | 'answers' | 'last-answer' | 'last-part';

/**
 * A prompt's tokens. An item card ends with the token that ends texts; a history does not, for it is cut where it no longer
 * fits.
 */
export function sequenceOf({ parts }: Prompt, tokenizer: PieceEncoder, supervision: Supervision): Sequence {
  // A chat template begins the text itself.
  const isTurn = parts[0]?.kind === 'turn';
  const ids: number[] = tokenizer.begin === null || isTurn ? [] : [tokenizer.begin];
  const weights: number[] = ids.map(() => 0);
  parts.forEach(({ kind, pieces }, index) => {
    const last = index === parts.length - 1;
    for (const piece of pieces) {
      const supervised =
        supervision === 'all' ||
        (supervision === 'answers' && piece.answer) ||
        (supervision === 'last-answer' && kind === 'answer') ||
        (supervision === 'last-part' && last);
      for (const id of piece.ids) {
        ids.push(id);
        weights.push(supervised ? 1 : 0);
      }
    }
  });
  if (supervision === 'all' && parts[0]?.kind === 'card') {
    ids.push(tokenizer.end);
    weights.push(1);
  }
  if (weights.length > 0) weights[0] = 0;
  return { ids: Int32Array.from(ids), weights: Float32Array.from(weights) };
}
