/** What a board of published results says in words. */
import { metricLabel } from '../../core/api/metrics.ts';
import type { PublishedBoard } from '../../core/api/published.ts';
import { countText, fixed, grouped } from '../format/format.ts';

/** So far below the published best a result of ours is not worth a word. */
const NEAR = 2;
const WORDS = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const percentText = (percent: number) => `${fixed(percent, percent < 9.95 ? 1 : 0)} %`;
const word = (count: number) => WORDS[count] ?? grouped(count);

/** "Five of six models are within 2 % of the published best or better", and which one is farthest below. */
export function statementOf(
  { rows, sources }: PublishedBoard,
  metric: string,
): { fact: string; limit?: string } {
  const label = metricLabel(`test/${metric}`);
  const measured = rows.flatMap((row) => (row.lead ? [{ row, gain: row.lead.gain }] : []));
  if (measured.length === 0) {
    const printed = rows.filter(({ best }) => best).length;
    return {
      fact: rows.some(({ ours }) => ours)
        ? 'None of our models has a published result'
        : 'No run of ours yet',
      limit: `; ${countText(sources.length, 'source')} ${sources.length === 1 ? 'reports' : 'report'} ${label} of ${countText(printed, 'model')}`,
    };
  }
  const [worst] = measured.toSorted((a, b) => a.gain - b.gain);
  const near = measured.filter(({ gain }) => gain >= -NEAR).length;
  const own = worst.row.best?.own ? 'its paper' : 'the published best';
  const below = `${worst.row.title} is ${percentText(-worst.gain)} worse than ${own}`;
  if (measured.length === 1) {
    const [{ row, gain }] = measured;
    const where =
      gain > 0 ? `${percentText(gain)} better than the published best` : 'as good as the published best';
    return {
      fact:
        near === 0
          ? below
          : gain < 0
            ? `${row.title} is within ${NEAR} % of the published best`
            : `${row.title} is ${where}`,
    };
  }
  const all = near === 2 ? 'both' : `all ${word(near)}`;
  const some =
    near === 0 && measured.length === 2 ? 'neither of the two' : `${word(near)} of ${word(measured.length)}`;
  const among = near === measured.length ? all : some;
  return {
    fact: `${among[0].toUpperCase()}${among.slice(1)} models ${near < 2 ? 'is' : 'are'} within ${NEAR} % of the published best or better`,
    limit: near === measured.length ? undefined : `; ${below}`,
  };
}

/** The sources that stand in the table where none were chosen: those with most of our models. */
export function usualSources({ sources, rows }: PublishedBoard, most: number): string[] {
  const count = (at: number) =>
    rows.reduce((sum, { ours, printed }) => sum + (printed[at] === null ? 0 : ours ? 100 : 1), 0);
  const counted = sources.map(({ id }, at) => ({ id, count: count(at) }));
  const kept = new Set(
    counted
      .sort((a, b) => b.count - a.count)
      .slice(0, most)
      .map(({ id }) => id),
  );
  return sources.flatMap(({ id }) => (kept.has(id) ? [id] : []));
}

/** What is to know of the numbers, a paragraph a source. */
export function notesOf({ rows, sources }: PublishedBoard): { name: string; text: string }[] {
  return sources.map(({ name, protocol, notes }, at) => {
    const several = rows.flatMap(({ title, printed }) => {
      const names = printed[at]?.names ?? [];
      return names.length > 1 ? [`${title}: the best of ${names.join('; ')}.`] : [];
    });
    return {
      name,
      text: [`${protocol[0].toUpperCase()}${protocol.slice(1)}.`, ...notes, ...new Set(several)].join(' '),
    };
  });
}
