/** How much room texts take. */

const FONT_SIZE = 12;

type Measure = (text: string, size: number, bold: boolean) => number;

/** What letters take on average. */
let measured: Measure = (text, size, bold) => (bold ? 0.58 : 0.55) * size * text.length;

/** A window knows its typeface, and measures every text in it. */
export function measureTextsBy(measure: Measure): void {
  measured = measure;
}

/** Of a text in pixels. */
export const textWidth = (text: string, size = FONT_SIZE, bold = false): number => measured(text, size, bold);

/** As much of the text as fits, with "…" where some is left out; empty where hardly any would fit. */
export function truncate(text: string, width: number, size = FONT_SIZE): string {
  if (textWidth(text, size) <= width) return text;
  if (width < 2 * size) return '';
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (textWidth(`${text.slice(0, middle).trimEnd()}…`, size) <= width) low = middle;
    else high = middle - 1;
  }
  return low < 2 ? '' : `${text.slice(0, low).trimEnd()}…`;
}

/** The same of several: of those that would then be alike, what they begin with is left out, so that what differs stays. */
export function truncatedApart(texts: readonly string[], width: number, size = FONT_SIZE): string[] {
  const alike = Map.groupBy(new Set(texts), (text) => truncate(text, width, size));
  return texts.map((text) => {
    const shown = truncate(text, width, size);
    const others = alike.get(shown) ?? [];
    return others.length < 2 ? shown : truncate(`…${text.slice(sharedStart(others))}`, width, size);
  });
}

/** How much of their beginning texts have in common, up to a whole word. */
function sharedStart([first, ...others]: readonly string[]): number {
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--;
  return Math.max(0, first.slice(0, length).search(/[^\s\-_.,:/]*$/));
}
