import { type ClickStatistics, type DatasetSummary, sideColumnsText } from '../../../core/api/datasets.ts';
import { durationText, grouped, timeText } from '../../format/format.ts';
import { fileText } from './messages.ts';

export interface Fact {
  name: string;
  value: string;
}

const dayText = (seconds: number) => new Date(1000 * seconds).toISOString().slice(0, 10);

/** The sizes of a data set, as its page and a copy of it show them. */
export function sizeFacts(summary: DatasetSummary): Fact[] {
  return summary.clicks ? clickFacts(summary, summary.clicks) : interactionFacts(summary);
}

function clickFacts({ statistics, badRows }: DatasetSummary, clicks: ClickStatistics): Fact[] {
  const { users, items, timeSpan } = statistics;
  const share = (count: number) => `${((100 * count) / clicks.rows).toFixed(1)} %`;
  return [
    { name: 'Rows', value: grouped(clicks.rows) },
    ...clicks.tasks.map((task, at) => ({ name: `Rows with ${task}`, value: share(clicks.positives[at]) })),
    ...(clicks.tasks.length === 0 ? [{ name: 'Labels', value: 'none, every row is a positive' }] : []),
    ...(users > 0 ? [{ name: 'Users', value: grouped(users) }] : []),
    ...(items > 0 ? [{ name: 'Items', value: grouped(items) }] : []),
    ...(timeSpan ? [{ name: 'Time', value: `${dayText(timeSpan.from)} to ${dayText(timeSpan.to)}` }] : []),
    { name: 'Rows left out', value: grouped(badRows) },
    ...clicks.leftOut.map((text) => ({ name: 'Column left out', value: text })),
  ];
}

function interactionFacts({ statistics, badRows, duplicates }: DatasetSummary): Fact[] {
  const { users, items, catalogueItems, interactions, density, coldItems, timeSpan } = statistics;
  const facts: (Fact | null)[] = [
    { name: 'Users', value: grouped(users) },
    { name: 'Items with interactions', value: grouped(items) },
    { name: 'Items in the catalogue', value: grouped(catalogueItems) },
    { name: 'Interactions', value: grouped(interactions) },
    { name: 'Sparsity', value: `${(100 * (1 - density)).toFixed(3)} %` },
    {
      name: 'Cold items (fewer than 5 interactions)',
      value: `${grouped(coldItems)} (${((100 * coldItems) / Math.max(1, items)).toFixed(1)} %)`,
    },
    timeSpan && { name: 'First day', value: dayText(timeSpan.from) },
    timeSpan && { name: 'Last day', value: dayText(timeSpan.to) },
    { name: 'Ratings', value: statistics.hasRatings ? 'yes' : 'no' },
    { name: 'Titles', value: statistics.hasTitles ? 'yes' : 'no' },
    duplicates === null || duplicates === undefined
      ? null
      : { name: 'Repeats (same user, item and time)', value: grouped(duplicates) },
    { name: 'Rows left out', value: grouped(badRows) },
  ];
  return facts.filter((fact) => fact !== null);
}

/** How interactions spread over users and over items. */
export function spreadRows({ sequenceLength, itemPopularity }: DatasetSummary['statistics']) {
  return [
    { name: 'Interactions of a user', ...sequenceLength },
    { name: 'Interactions of an item', ...itemPopularity },
  ].map(({ name, min, median, mean, max }) => ({
    name,
    min: grouped(min),
    median: median.toFixed(1),
    mean: mean.toFixed(1),
    max: grouped(max),
  }));
}

/** Where it came from and what was asked of the import. */
export function originFacts(summary: DatasetSummary, folder: string): Fact[] {
  const { sources, createdAt, seconds, options, badRowExamples = [] } = summary;
  const side = sideColumnsText(summary);
  return [
    { name: 'Imported', value: `${timeText(Date.parse(createdAt))}, in ${durationText(seconds)}` },
    { name: sources.length === 1 ? 'Source' : 'Sources', value: sources.map(fileText).join(', ') },
    ...(summary.clicks ? [] : orderFacts(options)),
    ...(side ? [{ name: 'Side columns', value: side }] : []),
    ...(badRowExamples.length > 0
      ? [{ name: 'Left out', value: badRowExamples.map(fileText).join('; ') }]
      : []),
    { name: 'Folder', value: folder },
  ];
}

function orderFacts(options: Record<string, unknown>): Fact[] {
  return [
    { name: 'Filters', value: filtersText(options) },
    {
      name: 'Same times',
      value: options.ties === 'shuffle' ? `shuffled by seed ${options.seed}` : 'order of the file',
    },
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
}: Record<string, unknown>): string {
  const day = (seconds: unknown) => (typeof seconds === 'number' ? dayText(seconds) : '');
  const filters = [
    typeof minUser === 'number' && minUser > 0 ? `${minUser} of a user` : '',
    typeof minItem === 'number' && minItem > 0 ? `${minItem} of an item` : '',
    typeof minRating === 'number' ? `rating from ${minRating}` : '',
    from === undefined ? '' : `from ${day(from)}`,
    to === undefined ? '' : `before ${day(to)}`,
    typeof dedupe === 'string' && dedupe !== 'none' ? `repeats: ${dedupe}` : '',
    typeof preset === 'string' ? preset : '',
  ].filter((filter) => filter !== '');
  return filters.length === 0 ? 'none' : filters.join(', ');
}
