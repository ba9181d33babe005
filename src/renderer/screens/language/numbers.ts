/** A number as it is typed: what is no whole number in the range counts as the nearest one. */
export function within(text: string, least: number, most: number): number {
  return Math.min(most, Math.max(least, Number.parseInt(text, 10) || 0));
}
