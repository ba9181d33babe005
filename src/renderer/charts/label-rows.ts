/** Between two labels of one row, in pixels. */
const GAP = 8;

/** The row of each label, 0 for the lowest one, so that none prints over another: `centres` from left to right. */
export function labelRows(centres: readonly number[], widths: readonly number[]): number[] {
  const ends: number[] = [];
  return centres.map((centre, at) => {
    const free = ends.findIndex((end) => end + GAP <= centre - widths[at] / 2);
    const row = free < 0 ? ends.length : free;
    ends[row] = centre + widths[at] / 2;
    return row;
  });
}
