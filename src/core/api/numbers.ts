/** The window writes numbers and tables, counts things, and shortens texts, as reports do. */

export {
  clockText,
  duration,
  fixed,
  grouped,
  pValue,
  signed,
  signedRange,
  timeText,
  withMinus,
} from '../documents/format.ts';
export { escapeLatex, escapeMarkdown } from '../documents/writers/text.ts';
export { csvLines } from '../documents/writers/write-csv.ts';
export { capital, clip, clippedApart, countText, someNames } from '../names.ts';
