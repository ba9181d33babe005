/** The window writes numbers as reports do. */
export { fixed, grouped, pValue, signed, signedRange } from '../reports/format.ts';
