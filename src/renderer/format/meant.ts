/** What was meant by what is typed where nothing is called so. */
import { hasWords } from './format.ts';

/** How many letters are missing, too many, others, or in each other's place. */
function slipsBetween(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const isOther = Number(one[i - 1] !== other[j - 1]);
      next[j] = Math.min(last[j] + 1, next[j - 1] + 1, last[j - 1] + isOther);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1])
        next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    [before, last] = [last, next];
  }
  return last[other.length];
}

/** The name that was typed with the fewest slips, at most one in three letters; null where none is as near. */
export function nearestName(typed: string, names: Iterable<string>): string | null {
  const lower = typed.toLowerCase();
  let [nearest, fewest]: [string | null, number] = [null, Math.floor(lower.length / 3) + 1];
  for (const name of names) {
    if (Math.abs(name.length - lower.length) >= fewest) continue;
    const slips = slipsBetween(lower, name.toLowerCase());
    if (slips < fewest) [nearest, fewest] = [name, slips];
  }
  return nearest;
}

/** Words as one of the texts has them, where none has those that are typed; null where nothing is near. */
export function meantWords(typed: string, texts: readonly string[]): string | null {
  const words = new Set(texts.flatMap((text) => text.split(/\s+/)));
  const meant = typed
    .trim()
    .split(/\s+/)
    .map((word) => (texts.some((text) => hasWords(text, word)) ? word : nearestName(word, words)));
  const text = meant.join(' ');
  const isFound = !meant.includes(null) && text !== typed.trim() && texts.some((one) => hasWords(one, text));
  return isFound ? text : null;
}
