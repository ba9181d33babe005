/** Texts from outside as one line, whatever they hold. */

/** Read of a text at most; longer ones are cut before anything else looks at them. */
const MAX_CHARACTERS = 400;

/** One line without control characters and invisible marks; empty where nothing else is in it. */
export function plainText(value: string): string {
  return value
    .slice(0, MAX_CHARACTERS)
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll(/\p{Cf}+/gu, '')
    .trim();
}
