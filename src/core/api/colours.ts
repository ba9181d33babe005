/** The window draws runs in the same colours as the reports. */
export {
  COLOURS,
  type Coloured,
  colourIndex,
  colourIndexes,
  DARK_COLOURS,
  LIGHT_COLOURS,
} from '../documents/run-colours.ts';
