import { useQuery } from '@tanstack/react-query';
import type { CodebookFacts, CodebookStrips, TokeniserEntry } from '../../../../core/api/codebooks.ts';
import { metricDirection, signOf } from '../../../../core/api/metrics.ts';
import { type Column, column } from '../../../components/columns.ts';
import { Missing } from '../../../components/Screen.tsx';
import { Table } from '../../../components/Table.tsx';
import { api, together } from '../../../state/api.ts';
import { useWorkbench } from '../workbench.ts';

interface Row {
  title: string;
  one: number | null;
  other: number | null;
  decimals: number;
  /** Which of two values is better, where one is. */
  direction?: ReturnType<typeof metricDirection>;
}

const decimals = (row: Row) => row.decimals;

const ALL = { pattern: [], lasso: null };

/** The numbers of two tokenisers, each as a whole. */
export function SideBySide({ other }: { other: TokeniserEntry }) {
  const { facts, category } = useWorkbench();
  const ask = (run: string) => ({ run, step: null, category });
  const all = together([
    useQuery(api.codebooks.strips.queryOptions({ input: { ...ask(facts.run), selection: ALL } })),
    useQuery(api.codebooks.strips.queryOptions({ input: { ...ask(other.run), selection: ALL } })),
    useQuery(api.codebooks.facts.queryOptions({ input: { run: other.run } })),
  ]);
  if (!all.data) return <Missing query={all} />;
  const [strips, otherStrips, otherFacts] = all.data;
  const rows = [
    ...factRows(facts, otherFacts),
    ...levelRows(strips, otherStrips),
    ...measureRows(facts, otherFacts),
  ];
  const columns: Column<Row>[] = [
    column('title', 'Measure', 'text', ({ title }) => title),
    column('one', facts.name, 'metric', ({ one }) => one, decimals),
    column('other', other.name, 'metric', ({ other: value }) => value, decimals),
    column<Row>('difference', 'Difference', 'signed', differenceOf, decimals),
    column<Row>('better', 'Better', 'text', (row) => betterOf(row, facts.name, other.name)),
  ];
  return (
    <div>
      <Table title="Side by side" columns={columns} rows={rows} rowKey={({ title }) => title} />
    </div>
  );
}

function differenceOf({ one, other }: Row): number | null {
  return one === null || other === null ? null : other - one;
}

/** The one whose value is better; nothing where neither is. */
function betterOf(row: Row, one: string, other: string): string {
  const difference = differenceOf(row);
  if (!difference || !row.direction || row.direction === 'none') return '';
  return signOf(row.direction) * difference > 0 ? other : one;
}

function factRows(one: CodebookFacts, other: CodebookFacts): Row[] {
  return [
    { title: 'Items with an ID', one: one.withId, other: other.withId, decimals: 0 },
    { title: 'Levels', one: one.levels, other: other.levels, decimals: 0 },
  ];
}

function levelRows(one: CodebookStrips, other: CodebookStrips): Row[] {
  const levels = Math.max(one.levels.length, other.levels.length);
  const row = (level: number, measure: 'usage' | 'perplexity', decimals: number): Row => ({
    title: `${measure === 'usage' ? 'Usage' : 'Perplexity'} of level ${level + 1}`,
    one: one.levels[level]?.[measure] ?? null,
    other: other.levels[level]?.[measure] ?? null,
    decimals,
    direction: metricDirection(`ids/${measure}@${level + 1}`),
  });
  return Array.from({ length: levels }, (_, level) => [
    row(level, 'usage', 4),
    row(level, 'perplexity', 1),
  ]).flat();
}

/** Beyond usage and perplexity, which stand above. */
function measureRows({ measures: ones }: CodebookFacts, { measures: others }: CodebookFacts): Row[] {
  const all = new Map([...ones, ...others].map((measure) => [measure.name, measure]));
  const valueIn = (list: CodebookFacts['measures'], name: string) =>
    list.find((measure) => measure.name === name)?.value ?? null;
  return [...all.values()]
    .filter(({ name }) => !/^ids\/(usage|perplexity)@\d+$/.test(name))
    .map(({ name, label, decimals }) => ({
      title: label,
      one: valueIn(ones, name),
      other: valueIn(others, name),
      decimals,
      direction: metricDirection(name),
    }));
}
