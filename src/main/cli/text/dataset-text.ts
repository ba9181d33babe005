import type { ClickStatistics } from '../../../core/data/clicks/types.ts';
import type { DatasetSummary } from '../../../core/data/types.ts';
import { leftOutRows, originFacts, sizeFacts, spreadRows } from '../../../core/documents/dataset-facts.ts';
import { grouped } from '../../../core/documents/format.ts';
import { cleanText } from '../../../core/documents/writers/text.ts';
import { factLines, textTable } from '../terminal/text-table.ts';

/** What a data set is, for a terminal. */
export function datasetText(summary: DatasetSummary, folder?: string): string {
  const { name, clicks, statistics, fingerprint, badRowExamples = [], sourceFiles = [] } = summary;
  const spreads = spreadRows(statistics).map(({ name, min, median, mean, max }): [string, string] => [
    name,
    `${grouped(min)} to ${grouped(max)}, median ${grouped(median)}, mean ${mean.toFixed(1)}`,
  ]);
  // All rows but those of the files and those that are kept.
  const left = leftOutRows(summary).flatMap(({ what, interactions, users }) =>
    users === null && interactions ? `${grouped(interactions)} ${what.toLowerCase()}` : [],
  );
  const facts = [
    ['Name', name],
    ...sizeFacts(summary),
    ...(clicks ? [] : spreads),
    ...(clicks || left.length === 0 ? [] : [['Rows left out', left.join(', ')]]),
    ['Fingerprint', fingerprint],
    ...originFacts(summary, folder),
    ...sourceFiles.map((file) => [`SHA-256 of ${file.name}`, file.sha256]),
  ].map(([fact, value]): [string, string] => [fact, cleanText(value)]);
  const examples = clicks ? [] : badRowExamples.map((example) => `  ${cleanText(example)}`);
  return [factLines(facts), ...examples, ...(clicks ? ['', columnsTable(clicks)] : [])].join('\n');
}

function columnsTable({ columns }: ClickStatistics): string {
  const lines = columns.map(({ name, role, missing, distinct, min, mean, max }) => [
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
  return textTable(head, lines, ['Missing', 'Values', 'Min, mean, max']);
}
