/** Seeds as a user writes them. */

const MOST = 100;

/** "1-3, 7" → [1, 2, 3, 7]; or in one line why the text is no list of seeds. */
export function parseSeeds(text: string): { seeds: number[] } | { problem: string } {
  const parts = text.split(/[,\s]+/).filter((part) => part !== '');
  if (parts.length === 0) return { problem: 'Enter at least one seed' };
  const seeds = new Set<number>();
  for (const part of parts) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
    if (!match) return { problem: `"${part}" isn’t a seed: write whole numbers such as 1, 2 or 1-5` };
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (last < first) return { problem: `"${part}" runs backwards: write ${last}-${first}` };
    if (seeds.size + last - first + 1 > MOST) return { problem: `Up to ${MOST} seeds at once` };
    for (let seed = first; seed <= last; seed++) seeds.add(seed);
  }
  return { seeds: [...seeds] };
}

/** [1, 2, 3, 7] → "1-3, 7" */
export function seedsText(seeds: readonly number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < seeds.length; ) {
    let end = at;
    while (seeds[end + 1] === seeds[end] + 1) end++;
    parts.push(end > at ? `${seeds[at]}-${seeds[end]}` : String(seeds[at]));
    at = end + 1;
  }
  return parts.join(', ');
}
