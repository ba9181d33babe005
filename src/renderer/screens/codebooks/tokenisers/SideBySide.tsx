import type { CodebookFacts } from '../../../../core/api/codebooks.ts';
import { metricDirection, signOf } from '../../../../core/api/metrics.ts';
import { nameAlone, nameOf } from '../../../../core/api/runs.ts';
import { type Column, column } from '../../../components/columns.ts';
import { Table } from '../../../components/Table.tsx';
import { valueText } from '../quality/measures.ts';

interface Row {
  /** Of the metric; of what is no measure nothing. */
  name: string;
  title: string;
  one: number | null;
  other: number | null;
  decimals: number;
  /** Which of two values is better, where one is. */
  direction?: ReturnType<typeof metricDirection>;
}

type Both = readonly [CodebookFacts, CodebookFacts];

/** What tells most of two tokenisers. */
const CHOSEN = [
  ...['ids/collision-rate', 'ids/perplexity@1', 'ids/dead-codes@1', 'ids/category-nmi@1'],
  ...['ids/neighbour-recall@1', 'ids/collaborative-lift@1', 'ids/tree-correlation', 'ids/largest-bucket'],
];
const ARROWS: Record<string, string> = { higher: ' ↑', lower: ' ↓' };

/** A few measures of both. */
export function ChosenMeasures({ facts }: { facts: Both }) {
  const rows = CHOSEN.flatMap((name) => measureRows(...facts).filter((row) => row.name === name));
  return (
    <div>
      <Table title="Measures" columns={columnsOf(facts)} rows={rows} />
      <p className="small muted">Bold: the better by the arrow.</p>
    </div>
  );
}

/** All numbers of two tokenisers, each as a whole. */
export function SideBySide({ facts }: { facts: Both }) {
  const rows = [...factRows(...facts), ...measureRows(...facts)];
  return (
    <div>
      <Table title="Side by side" columns={columnsOf(facts)} rows={rows} />
    </div>
  );
}

/** Each is headed by what tells it from the other. */
function columnsOf(facts: Both): Column<Row>[] {
  const both = facts.map((one) => ({ ...one, id: one.run }));
  const measured = (id: 'one' | 'other', at: 0 | 1) => {
    const { title, detail } = nameOf(both[at], both);
    return column<Row>(id, nameAlone(facts[at]), 'metric', (row) => row[id], {
      head: detail || title,
      decimals: ({ decimals }) => decimals,
      render: (row) => {
        const text = valueText(row[id], row.decimals);
        return betterOf(row) === id ? <strong>{text}</strong> : text;
      },
    });
  };
  return [
    column('title', 'Measure', 'text', ({ title, direction }) => `${title}${ARROWS[direction ?? ''] ?? ''}`),
    measured('one', 0),
    measured('other', 1),
  ];
}

/** The one whose value is better; neither where they are equal or none is said to be. */
function betterOf({ one, other, direction }: Row): 'one' | 'other' | null {
  if (one === null || other === null || one === other || !direction || direction === 'none') return null;
  return signOf(direction) * (other - one) > 0 ? 'other' : 'one';
}

function factRows(one: CodebookFacts, other: CodebookFacts): Row[] {
  return [
    { name: '', title: 'Items with an ID', one: one.withId, other: other.withId, decimals: 0 },
    { name: '', title: 'Levels', one: one.levels, other: other.levels, decimals: 0 },
  ];
}

function measureRows({ measures: ones }: CodebookFacts, { measures: others }: CodebookFacts): Row[] {
  const all = new Map([...ones, ...others].map((measure) => [measure.name, measure]));
  const valueIn = (list: CodebookFacts['measures'], name: string) =>
    list.find((measure) => measure.name === name)?.value ?? null;
  return [...all.values()].map(({ name, label, decimals }) => ({
    name,
    title: label,
    one: valueIn(ones, name),
    other: valueIn(others, name),
    decimals,
    direction: metricDirection(name),
  }));
}
