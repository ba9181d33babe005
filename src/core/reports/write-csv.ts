import { protocolFingerprint } from '../evaluation/protocol.ts';
import type { ReportDocument } from './document.ts';
import { publishedNotes, publishedTitle } from './published.ts';
import { csvField } from './text.ts';
import type { Comparison, ComparisonCell, ComparisonRow, MetricColumn } from './types.ts';

/** Six decimals for metrics and their differences; p-values keep six digits, however small they are. */
function number(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '' : value.toFixed(6);
}

function digits(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '' : value.toPrecision(6);
}

function headings(column: MetricColumn, tested: boolean): string[] {
  const parts = ['', ' std', ' n'];
  const tests = [
    ...[' difference', ' difference %', ' low95', ' high95', ' test', ' p holm'],
    ...[' wilcoxon', ' p wilcoxon holm'],
  ];
  return [...parts, ...(tested ? tests : [])].map((part) => column.name + part);
}

function fields(cell: ComparisonCell, tested: boolean): string[] {
  const plain = [number(cell.mean), number(cell.std), String(cell.values.length)];
  if (!tested) return plain;
  const { delta, deltaPercent, significance } = cell;
  const [low, high] = significance?.interval ?? [null, null];
  const tests = [number(delta), number(deltaPercent), number(low), number(high)];
  const wilcoxon = significance?.test === 't' ? significance.wilcoxon : null;
  const named = [significance?.test ?? '', digits(significance?.holm)];
  return [...plain, ...tests, ...named, wilcoxon?.method ?? '', digits(wilcoxon?.holm)];
}

/** What the marks of a row's name and values say. */
function notesOf({ columns, footnotes }: Comparison, { notes, cells }: ComparisonRow): string {
  const ofCells = cells.flatMap(({ note }, at) =>
    note === undefined ? [] : [`${columns[at].name} ${footnotes[note]}`],
  );
  return [...notes.map((note) => footnotes[note]), ...ofCells].join(' ');
}

/** Names of the metrics that published results have, each once. */
function publishedMetrics({ published }: Comparison): string[] {
  return [...new Set(published.flatMap(({ columns }) => columns.map(({ name }) => name)))];
}

/**
 * Published results and, under them, our rows once more with their difference: records by column name, so that they
 * stand in the columns of the other rows. The notes of a section stand with its first line.
 */
function publishedRecords({ published }: Comparison): Record<string, string>[] {
  return published.flatMap((section) =>
    section.lines.map((line, index) => {
      const record: Record<string, string> = {
        run: csvField(line.name),
        model: csvField(line.model ?? ''),
        dataset: csvField(section.dataset),
        published: csvField(publishedTitle(section)),
        note: csvField(
          index > 0
            ? line.marks.map((mark) => `[${mark}]`).join(' ')
            : [section.where, section.protocol, ...publishedNotes(section)].join(' '),
        ),
      };
      line.cells.forEach(({ value, difference, marks }, at) => {
        const { name } = section.columns[at];
        record[name] = number(value);
        record[`${name} minus published`] = number(difference);
        if (marks.length > 0) record.note += marks.map((mark) => ` [${mark}: ${name}]`).join('');
      });
      return record;
    }),
  );
}

/** What a slice's line has besides the columns of the other lines. */
const SLICE_COLUMNS = ['slice by', 'slice', 'slice size'];

/** The slices of every row: records by column name, with the metrics of the comparison's columns. */
function sliceRecords({ rows, columns, slices = [] }: Comparison): Record<string, string>[] {
  return rows.flatMap((row, at) =>
    (slices[at] ?? []).map((slice) => {
      const record: Record<string, string> = {
        run: csvField(row.name),
        model: csvField(row.model),
        'slice by': csvField(slice.idsOf === undefined ? slice.by : `${slice.by}, IDs of ${slice.idsOf}`),
        slice: csvField(slice.slice),
        'slice size': String(slice.users),
      };
      for (const { name } of columns) {
        const [low, high] = slice.intervals?.[name] ?? [];
        const difference = slice.differences?.[name];
        Object.assign(record, {
          [name]: number(slice.metrics[name]),
          [`${name} std`]: number(slice.spreads?.[name]),
          [`${name} slice low95`]: number(low),
          [`${name} slice high95`]: number(high),
          [`${name} difference`]: number(difference?.difference),
          [`${name} low95`]: number(difference?.interval[0]),
          [`${name} high95`]: number(difference?.interval[1]),
          [`${name} test`]: difference?.test ?? '',
          [`${name} p holm`]: digits(difference?.holm),
        });
      }
      return record;
    }),
  );
}

/**
 * One line a row: names, protocol, and for every metric its mean, spread, count and, with a baseline, the tests.
 * Slices and published results follow as lines of their own, with columns of their own.
 */
export function writeCsv(comparison: Comparison): string {
  const { columns, otherColumns, rows, baseline } = comparison;
  const tested = baseline !== null;
  const head = [
    'run',
    'model',
    'dataset',
    'seeds',
    'protocol',
    'baseline',
    ...(comparison.footnotes.length > 0 ? ['footnotes'] : []),
    ...columns.flatMap((column) => headings(column, tested)),
    ...otherColumns.map((column) => column.name),
  ];
  if (comparison.slices) {
    head.push(...SLICE_COLUMNS);
    head.push(...columns.flatMap(({ name }) => [`${name} slice low95`, `${name} slice high95`]));
  }
  const metrics = publishedMetrics(comparison);
  if (metrics.length > 0) {
    head.push(...metrics.filter((name) => !head.includes(name)));
    head.push(...metrics.map((name) => `${name} minus published`), 'published', 'note');
  }
  const lines = rows.map((row) => [
    row.name,
    row.model,
    row.runs[0].dataset?.name ?? '',
    row.seeds.join(' '),
    row.runs[0].protocol ? protocolFingerprint(row.runs[0].protocol) : '',
    row.isBaseline ? 'yes' : '',
    ...(comparison.footnotes.length > 0 ? [notesOf(comparison, row)] : []),
  ]);
  const values = rows.map((row) => [
    ...row.cells.flatMap((cell) => fields(cell, tested)),
    ...row.others.map(number),
  ]);
  // Numbers are already text here: a leading minus must not be taken for a formula.
  const records = lines.map((names, at) => {
    const record = [...names.map(csvField), ...values[at]];
    return head.map((_, place) => record[place] ?? '');
  });
  const further = [...sliceRecords(comparison), ...publishedRecords(comparison)].map((record) =>
    head.map((name) => record[name] ?? ''),
  );
  const all = [head.map(csvField), ...records, ...further];
  return `${all.map((record) => record.join(',')).join('\r\n')}\r\n`;
}

/** One table after the other with an empty line between; the first field of every line names its table. */
export function csvDocument({ sections }: ReportDocument): string {
  const tables = sections.flatMap(({ title, table }) => {
    if (!table) return [];
    const head = ['table', ...table.headings].map(csvField);
    const rows = table.lines.map((line) => [
      csvField(title),
      ...line.map((text, at) => documentCell(text, at < table.textColumns)),
    ]);
    return [[head, ...rows].map((record) => `${record.join(',')}\r\n`).join('')];
  });
  return tables.join('\r\n');
}

/** A number as a program reads it: without groups and with a plain minus; a dash is an empty field. */
function documentCell(text: string, isWord: boolean): string {
  if (isWord) return csvField(text);
  if (text === '–') return '';
  const plain = text.replaceAll(',', '').replace('−', '-');
  return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(plain) ? plain.replace(/^\+/, '') : csvField(text);
}
