/** The window writes numbers as reports do. */
export { fixed, grouped, pValue, signed } from '../reports/format.ts';
