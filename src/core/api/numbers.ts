/** The window writes numbers, counts things, and shortens texts, as reports do. */
export { clip, countText } from '../names.ts';
export { fixed, grouped, pValue, signed, signedRange, withMinus } from '../reports/format.ts';
