/** What a data set is and what was asked of its import, for the window and the command line. */
import type { ClickStatistics } from '../data/clicks/types.ts';
import type { DatasetSummary } from '../data/types.ts';
import { sideColumnsText } from './dataset-words.ts';
import { duration, grouped, timeText } from './format.ts';

export type Fact = readonly [name: string, value: string];

const dayText = (seconds: number) => new Date(1000 * seconds).toISOString().slice(0, 10);

/** The sizes of a data set. */
export function sizeFacts(summary: DatasetSummary): Fact[] {
  return summary.clicks ? clickFacts(summary, summary.clicks) : interactionFacts(summary);
}

/** Without those that do not hold here. */
const present = <T>(facts: readonly (T | null | false | undefined)[]) =>
  facts.filter((fact): fact is T => !!fact);

function clickFacts({ statistics, badRows }: DatasetSummary, clicks: ClickStatistics): Fact[] {
  const { users, items, timeSpan } = statistics;
  const share = (count: number) => `${((100 * count) / clicks.rows).toFixed(1)} %`;
  return present([
    ['Rows', grouped(clicks.rows)],
    ...clicks.tasks.map((task, at): Fact => [`Rows with ${task}`, share(clicks.positives[at])]),
    clicks.tasks.length === 0 && ['Labels', 'none, every row is a positive'],
    users > 0 && ['Users', grouped(users)],
    items > 0 && ['Items', grouped(items)],
    timeSpan && ['Time', `${dayText(timeSpan.from)} to ${dayText(timeSpan.to)}`],
    ['Rows removed', grouped(badRows)],
    ...clicks.leftOut.map((text): Fact => ['Column left out', text]),
  ]);
}

/** "all", "12.3 % of 1,200": rounded down, for what is not all is not 100 %. */
export function shareText(part: number, of: number): string {
  return part === of ? 'all' : `${(Math.floor((1000 * part) / of) / 10).toFixed(1)} % of ${grouped(of)}`;
}

function interactionFacts({ statistics, duplicates }: DatasetSummary): Fact[] {
  const { users, items, catalogueItems, interactions, density, coldItems, timeSpan, described } = statistics;
  const coldShare = ((100 * coldItems) / Math.max(1, items)).toFixed(1);
  return present([
    ['Users', grouped(users)],
    ['Items with interactions', grouped(items)],
    ['Items in the catalogue', grouped(catalogueItems)],
    described !== undefined && described < items && ['Items described', describedText(described, items)],
    ['Interactions', grouped(interactions)],
    ['Density', `${(100 * density).toFixed(3)} %`],
    ['Cold items (fewer than 5 interactions)', `${grouped(coldItems)} (${coldShare} %)`],
    timeSpan && ['First day', dayText(timeSpan.from)],
    timeSpan && ['Last day', dayText(timeSpan.to)],
    ['Ratings', statistics.hasRatings ? 'yes' : 'no'],
    ['Titles', statistics.hasTitles ? 'yes' : 'no'],
    typeof duplicates === 'number' && ['Repeats (same user, item and time)', grouped(duplicates)],
  ]);
}

/** Where none is described, the ids of two files are written in two ways. */
const describedText = (described: number, items: number) =>
  shareText(described, items) + (described === 0 ? ': the ids of the two files do not match' : '');

/** How interactions spread over users and over items. */
export function spreadRows({ sequenceLength, itemPopularity }: DatasetSummary['statistics']) {
  return [
    { name: 'Interactions of a user', ...sequenceLength },
    { name: 'Interactions of an item', ...itemPopularity },
  ];
}

/** Where it came from and what was asked of the import. `fileName` may name files, and what is told of them, in other words. */
export function originFacts(
  summary: DatasetSummary,
  folder: string | undefined,
  fileName: (text: string) => string = (text) => text,
): Fact[] {
  const { sources, createdAt, seconds, options, clicks, badRowExamples = [] } = summary;
  const side = sideColumnsText(summary);
  return present([
    ['Imported', `${timeText(Date.parse(createdAt))}, in ${duration(seconds)}`],
    [sources.length === 1 ? 'Source' : 'Sources', sources.map(fileName).join(', ')],
    ...(clicks ? [] : orderFacts(options)),
    side ? ['Side columns', side] : null,
    clicks && badRowExamples.length > 0 && ['Left out', badRowExamples.map(fileName).join('; ')],
    folder !== undefined && ['Folder', folder],
  ]);
}

export interface LeftOutRow {
  what: string;
  interactions: number | null;
  /** Of the readable rows. */
  share: number | null;
  /** Null where it was not counted. */
  users: number | null;
  items: number | null;
}

/** From the rows of the files to those that were kept, each filter that was set with what it left out. */
export function leftOutRows({ statistics, options, badRows, filtered }: DatasetSummary): LeftOutRow[] {
  const { users, items, interactions } = statistics;
  const source = filtered?.source;
  const row = (what: string, count: number | null, more?: Partial<LeftOutRow>): LeftOutRow => {
    const share = count === null || !source ? null : count / Math.max(1, source.interactions);
    return { what, interactions: count, share, users: null, items: null, ...more };
  };
  const { minRating, from, to, dedupe, minUser, minItem } = options;
  const core = [
    Number(minUser) > 1 ? `${minUser} per user` : '',
    Number(minItem) > 1 ? `${minItem} per item` : '',
  ].filter((part) => part !== '');
  const filters: (LeftOutRow | false)[] = filtered
    ? [
        minRating !== undefined && row(`Rating below ${minRating}`, filtered.rating),
        (from !== undefined || to !== undefined) && row('Outside the dates', filtered.dates),
        dedupe !== 'none' && filtered.repeats > 0 && row('Repeats', filtered.repeats),
        core.length > 0 && row(`Fewer than ${core.join(' or ')} (k-core)`, filtered.core),
      ]
    : [];
  return present([
    source && row('Readable in the files', source.interactions, source),
    row('Unreadable', badRows, { share: null }),
    ...filters,
    row('Kept', interactions, { users, items }),
  ]);
}

/** What an import kept, and how it ordered what has the same time. */
export function orderFacts(options: Readonly<Record<string, unknown>>): Fact[] {
  return [
    ['Filters', filtersText(options)],
    [
      'Tied timestamps',
      options.ties === 'shuffle' ? `shuffled by seed ${options.seed}` : 'order of the file',
    ],
  ];
}

function filtersText({
  minUser,
  minItem,
  minRating,
  from,
  to,
  dedupe,
  preset,
}: Readonly<Record<string, unknown>>): string {
  const day = (seconds: unknown) => (typeof seconds === 'number' ? dayText(seconds) : '');
  const filters = [
    typeof minUser === 'number' && minUser > 0 ? `at least ${minUser} per user` : '',
    typeof minItem === 'number' && minItem > 0 ? `at least ${minItem} per item` : '',
    typeof minRating === 'number' ? `rating from ${minRating}` : '',
    from === undefined ? '' : `from ${day(from)}`,
    to === undefined ? '' : `before ${day(to)}`,
    typeof dedupe === 'string' && dedupe !== 'none' ? `repeats: ${dedupe}` : '',
    typeof preset === 'string' ? preset : '',
  ].filter((filter) => filter !== '');
  return filters.length === 0 ? 'none' : filters.join(', ');
}
