/** The window writes numbers, counts things, and shortens texts, as reports do. */

export { fixed, grouped, pValue, signed, signedRange, withMinus } from '../documents/format.ts';
export { clip, countText } from '../names.ts';
