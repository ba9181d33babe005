/** The window writes numbers, and shortens texts, as reports do. */
export { clip } from '../names.ts';
export { fixed, grouped, pValue, signed, signedRange } from '../reports/format.ts';
