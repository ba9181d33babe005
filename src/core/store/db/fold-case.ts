/**
 * A text as searches compare it: case and width of letters do not matter, in any alphabet. The database knows it as
 * `fold_case`, because SQLite's own lower() leaves everything but a to z as it is.
 */
export function foldCase(text: string): string {
  return text.normalize('NFKC').toUpperCase();
}
