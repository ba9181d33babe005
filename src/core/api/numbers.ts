/** The window writes numbers, counts things, and shortens texts, as reports do. */

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
export { capital, clip, clippedApart, countText, someNames } from '../names.ts';
