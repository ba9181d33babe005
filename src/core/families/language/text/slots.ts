/** How texts from outside get into a prompt without leaving their place. */
import { plainText } from '../../../decoders/text/plain-text.ts';

/** Characters that a template fences its slots with; a value cannot hold them. */
export const FENCE = '|';
const WORD_FOR_NOTHING = 'unknown';

/**
 * A value as it stands in a prompt: one line, lists joined with commas, without the fence, control characters and
 * invisible marks, so that nothing in it looks like the end of its slot.
 */
export function slotText(value: string | undefined): string {
  if (value === undefined) return WORD_FOR_NOTHING;
  const clean = plainText(value)
    .split(FENCE)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .join(', ');
  return clean === '' ? WORD_FOR_NOTHING : clean;
}
