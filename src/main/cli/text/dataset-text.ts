import type { ClickStatistics } from '../../../core/data/clicks/types.ts';
import type { DatasetStatistics, DatasetSummary } from '../../../core/data/types.ts';
import { sideColumnsText } from '../../../core/documents/dataset-words.ts';
import { grouped } from '../../../core/documents/format.ts';
import { cleanText } from '../../../core/documents/writers/text.ts';
import { factLines, textTable } from '../terminal/text-table.ts';

function spread({ min, median, mean, max }: DatasetStatistics['sequenceLength']): string {
  return `${grouped(min)} to ${grouped(max)}, median ${grouped(median)}, mean ${mean.toFixed(1)}`;
}

function day(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().slice(0, 10);
}

function optionTexts(options: Record<string, unknown>): string {
  const { files: _files, roles: _roles, map: _map, timeUnit: _unit, ...rest } = options;
  const neutral = [undefined, null, false, 0, 'none', ''];
  return Object.entries(rest)
    .filter(([, value]) => !neutral.includes(value as string))
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

/** What a data set is, for a terminal. */
export function datasetText(summary: DatasetSummary, folder?: string): string {
  return summary.clicks ? clickText(summary, summary.clicks, folder) : interactionText(summary, folder);
}

function sideFacts(summary: DatasetSummary): [string, string][] {
  const columns = sideColumnsText(summary);
  return columns ? [['Side columns', cleanText(columns)]] : [];
}

function clickText(summary: DatasetSummary, clicks: ClickStatistics, folder?: string): string {
  const { timeSpan } = summary.statistics;
  const labels = clicks.tasks.map(
    (task, at) =>
      `${task}, 1 in ${((100 * clicks.positives[at]) / clicks.rows).toPrecision(3)} % of the rows`,
  );
  const facts: [string, string][] = [
    ['Name', summary.name],
    ['Rows', grouped(clicks.rows)],
    ['Labels', labels.join('; ') || 'none: every row is a positive, negatives are sampled'],
    ['Time', timeSpan ? `${day(timeSpan.from)} to ${day(timeSpan.to)}` : 'none'],
    ['Left out', clicks.leftOut.join('; ') || 'no column'],
    ...sideFacts(summary),
    ['Fingerprint', summary.fingerprint],
    ['Sources', summary.sources.join(', ')],
  ];
  if (summary.badRows > 0) facts.push(['Bad rows', `${grouped(summary.badRows)} left out`]);
  if (folder) facts.push(['Folder', folder]);
  const columns = clicks.columns.map(({ name, role, missing, distinct, min, mean, max }) => [
    cleanText(name),
    role,
    grouped(missing),
    distinct === undefined ? '' : grouped(distinct),
    [min, mean, max]
      .map((value) => (value === undefined ? '' : value.toPrecision(4)))
      .join(' ')
      .trim(),
  ]);
  const head = ['Column', 'Role', 'Missing', 'Values', 'Min, mean, max'];
  return `${factLines(facts)}\n\n${textTable(head, columns, ['Missing', 'Values', 'Min, mean, max'])}`;
}

/** "1,200 by the k-core", of the filters that left something out. */
function filteredTexts(filtered: DatasetSummary['filtered']): string[] {
  if (!filtered) return [];
  const { rating, dates, repeats, core } = filtered;
  const counts = { 'by rating': rating, 'by date': dates, 'as repeats': repeats, 'by the k-core': core };
  return Object.entries(counts).flatMap(([why, count]) => (count > 0 ? `${grouped(count)} ${why}` : []));
}

/** Where not all items are described: ids of two files may be written in two ways. */
function describedFact({ items, described }: DatasetSummary['statistics']): [string, string][] {
  if (described === undefined || described === items) return [];
  const text = `${grouped(described)} of ${grouped(items)} items with interactions`;
  return [['Described', described === 0 ? `${text}: the ids of the two files do not match` : text]];
}

function interactionText(summary: DatasetSummary, folder?: string): string {
  const { statistics, badRows, badRowExamples = [], duplicates, filtered } = summary;
  const { users, items, catalogueItems, interactions, density, timeSpan, coldItems } = statistics;
  const listed = catalogueItems > items ? ` (and ${grouped(catalogueItems - items)} only listed)` : '';
  const has = [statistics.hasTitles ? 'titles' : '', statistics.hasRatings ? 'ratings' : ''].filter(
    (x) => x !== '',
  );
  const facts: [string, string][] = [
    ['Name', summary.name],
    ['Users', grouped(users)],
    ['Items', `${grouped(items)}${listed}`],
    ...describedFact(statistics),
    ['Interactions', `${grouped(interactions)}, density ${(100 * density).toPrecision(3)} %`],
    ['History length', spread(statistics.sequenceLength)],
    ['Item popularity', spread(statistics.itemPopularity)],
    ['Cold items', `${grouped(coldItems)} with fewer than 5 interactions`],
    [
      'Time',
      timeSpan ? `${day(timeSpan.from)} to ${day(timeSpan.to)}` : 'none; the order is that of the file',
    ],
    ['Has', has.join(', ') || 'neither titles nor ratings'],
    ...sideFacts(summary),
    ['Options', optionTexts(summary.options)],
    ['Fingerprint', summary.fingerprint],
    ['Sources', summary.sources.join(', ')],
  ];
  if (duplicates)
    facts.push(['Repeats', `${grouped(duplicates)} of the same user, item and time, kept (see --dedupe)`]);
  if (badRows > 0) facts.push(['Bad rows', `${grouped(badRows)} left out`]);
  const left = filteredTexts(filtered);
  if (left.length > 0) facts.push(['Left out', left.join(', ')]);
  if (folder) facts.push(['Folder', folder]);
  const examples = badRowExamples.map((example) => `  ${cleanText(example)}`);
  return [factLines(facts), ...examples].join('\n');
}
