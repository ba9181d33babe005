/** What a code means, in the words of its items' titles. */

/** In how many titles each word is. */
export type WordCounts = ReadonlyMap<string, number>;

export interface CodeWord {
  word: string;
  /** Titles with it. */
  titles: number;
}

export interface CodeWords {
  /** Two words that often stand side by side, or with a short one between; else the first three. Empty without words. */
  name: string;
  words: CodeWord[];
}

const WORD = /\p{L}[\p{L}\p{M}\p{N}'’]*/gu;
const SHORTEST = 3;
/** Words that join others, as titles in English have them; shorter ones are left out anyway. */
const JOINING = new Set(['and', 'for', 'from', 'its', 'new', 'the', 'with', 'you', 'your']);
/** A phrase names a code if this share of its titles has it. */
const NAMING_SHARE = 0.35;

const allWords = (title: string): string[] => title.toLowerCase().match(WORD) ?? [];
const isTelling = (word: string) => word.length >= SHORTEST && !JOINING.has(word);
const wordsOf = (title: string): string[] => allWords(title).filter(isTelling);

function addTo(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

export function countWords(titles: readonly string[]): WordCounts {
  const counts = new Map<string, number>();
  for (const title of titles) for (const word of new Set(wordsOf(title))) addTo(counts, word);
  return counts;
}

/**
 * The words of some titles that are commoner in them than elsewhere, those first that say most: each title with the word
 * counts as often as the word is more frequent here, in orders of magnitude.
 */
export function wordsOfCode(
  titles: readonly string[],
  everywhere: { counts: WordCounts; titles: number },
  shown = 5,
): CodeWords {
  const least = titles.length >= 4 ? 2 : 1;
  const scored = [...countWords(titles)]
    .filter(([, count]) => count >= least)
    .map(([word, count]) => {
      const elsewhere = (everywhere.counts.get(word) ?? 0) + 1;
      const lift = (count / titles.length) * (everywhere.titles / elsewhere);
      return { word, titles: count, score: count * Math.log(Math.max(1, lift)) };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1));
  const words = scored.slice(0, shown).map(({ word, titles: count }) => ({ word, titles: count }));
  return { name: nameOf(titles, words), words };
}

function nameOf(titles: readonly string[], words: readonly CodeWord[]): string {
  const named = new Set(words.map(({ word }) => word));
  const phrases = new Map<string, number>();
  for (const title of titles) {
    for (const phrase of new Set(phrasesOf(allWords(title), named))) addTo(phrases, phrase);
  }
  const [best] = [...phrases].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));
  const isCommon = best !== undefined && best[1] >= NAMING_SHARE * titles.length;
  const first = words.slice(0, 3).map(({ word }) => word);
  const name = isCommon ? best[0] : first.join(', ');
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Where two of the words stand side by side, or with one short word between. */
function phrasesOf(all: readonly string[], named: ReadonlySet<string>): string[] {
  return all.flatMap((word, at) => {
    const next = all[at + 1] ?? '';
    const last = next.length < SHORTEST ? all[at + 2] : next;
    if (!named.has(word) || last === undefined || last === word || !named.has(last)) return [];
    return [last === next ? `${word} ${next}` : `${word} ${next} ${last}`];
  });
}
