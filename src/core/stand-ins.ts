/** Texts that leave the machine: what they name of a home stands in them by its kind and a number. */

/** One thing, by all that it is called. */
export interface NamedThing {
  /** Such as "run": of the kind the first is "run 1", a host "host A". */
  kind: string;
  names: readonly string[];
}

/** Shorter names are parts of ordinary words: they are replaced where they stand alone. */
const LONG = 3;
const MARKED = /(<[^<>]*>)/;

/** What nobody has named here, and still tells where and whose it is, or may. */
const TELLING: readonly [RegExp, string][] = [
  [/\b[a-z][a-z+.-]*:\/\/\S*/gi, '<address>'],
  [/[\w.+-]+@/g, '<user>@'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-f]{1,4}:){3,}[0-9a-f:]*/gi, '<address>'],
  [/[^\s'"(),;]*[\\/][^\s'"(),;]*/g, '<path>'],
  // Files and hosts, but for the program's own; what stands in a stack is code.
  [
    /(?<!\bat (?:async |new )?)\b[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.(?!(?:[cm]?js|ts|node|json|db|log)\b)[a-z]{2,}\b/g,
    '<name>',
  ],
];
/** "3/4 done" */
const RATIO = /^\d*\/\d*$/;

/** Of the same length as the text. */
const folded = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/**
 * What replaces names in a line, the longest first, and after them what looks like a user, a host, a file or a path. The
 * same things in the same order get the same stand-ins. `longest`: characters after which lines were cut, in the middle of a name maybe.
 */
export function standIns(things: Iterable<NamedThing>, longest: number): (line: string) => string {
  const counts = new Map<string, number>();
  const standIn = new Map<string, string>();
  for (const { kind, names } of things) {
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    const mark = `<${kind} ${kind === 'host' ? lettersOf(count) : count + 1}>`;
    for (const name of names) {
      const key = folded(name.replace(/\s+/g, ' ').trim());
      if (key !== '' && !standIn.has(key)) standIn.set(key, mark);
    }
  }
  const byStart = Map.groupBy(
    [...standIn.keys()].filter((name) => name.length >= LONG).sort((a, b) => b.length - a.length),
    (name) => name.slice(0, LONG),
  );
  const withoutNames = (line: string) => {
    const text = folded(line);
    const end = line.length < longest ? text.length : text.length - cutName(text, byStart);
    let said = '';
    for (let at = 0; at < end; ) {
      const name = byStart.get(text.slice(at, at + LONG))?.find((one) => text.startsWith(one, at));
      said += name === undefined ? line[at] : standIn.get(name);
      at += name?.length ?? 1;
    }
    return said;
  };
  const short = (word: string) => (word.length < LONG ? standIn.get(folded(word)) : undefined) ?? word;
  return (line) => {
    const named = outsideMarks(withoutNames(line), (piece) => piece.replace(/[^\s<>]+/gu, short));
    const worded = outsideMarks(named, (piece) => piece.replace(/[\p{L}\p{N}]+/gu, short));
    return TELLING.reduce(
      (text, [pattern, mark]) =>
        outsideMarks(text, (piece) => piece.replace(pattern, (found) => (RATIO.test(found) ? found : mark))),
      worded,
    );
  };
}

const outsideMarks = (text: string, change: (piece: string) => string) =>
  text
    .split(MARKED)
    .map((piece, at) => (at % 2 === 1 ? piece : change(piece)))
    .join('');

/** Characters at the end of a text that may be the beginning of a name. */
function cutName(text: string, byStart: ReadonlyMap<string, readonly string[]>): number {
  for (let at = Math.max(0, text.length - 1_000); at <= text.length - LONG; at++) {
    const rest = text.slice(at);
    if (byStart.get(rest.slice(0, LONG))?.some((name) => name.startsWith(rest))) return rest.length;
  }
  return Math.min(text.length, LONG - 1);
}

/** A, B … Z, AA … */
function lettersOf(count: number): string {
  const letter = String.fromCharCode(65 + (count % 26));
  return count < 26 ? letter : lettersOf(Math.floor(count / 26) - 1) + letter;
}
