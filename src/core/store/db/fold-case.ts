/**
 * A text as searches compare it: case and width of letters do not matter, in any alphabet. The database knows it as
 * `fold_case`, because SQLite's own lower() leaves everything but a to z as it is.
 */
export function foldCase(text: string): string {
  return text.normalize('NFKC').toUpperCase();
}

/** A column of the database folded so. Plain ASCII, as most names are, the database folds itself, which takes a third of the time. */
export const foldedColumn = (column: string) =>
  `iif(${column} GLOB '*[^ -~]*', fold_case(${column}), upper(${column}))`;
