import { useCallback, useState } from 'react';
import type { CategoryBars, CategoryRow } from '../../../../core/api/codebooks.ts';
import type { ChartColours } from '../../../charts/colours.ts';
import { boxPath, type Size } from '../../../charts/painter.ts';
import { SceneFigure } from '../../../charts/SceneFigure.tsx';
import type { Scene } from '../../../charts/scene.ts';
import { CopyMenu } from '../../../components/CopyMenu.tsx';
import { type Column, column } from '../../../components/columns.ts';
import { Missing } from '../../../components/Screen.tsx';
import { type Choice, Select } from '../../../components/Select.tsx';
import { countText, grouped, idText } from '../../../format/format.ts';
import { api, useKeptQuery } from '../../../state/api.ts';
import { withCode } from '../codebook-route.ts';
import { Peek } from '../Peek.tsx';
import type { PanelProps } from '../prefixes/TreePanel.tsx';
import { useWorkbench } from '../workbench.ts';
import { COLOURED_CATEGORIES, categoryInk } from './category-colours.ts';

const ROW = 18;
const NAME_WIDTH = 96;
const SCALES: readonly Choice<'share' | 'count'>[] = [
  { value: 'share', label: 'Shares' },
  { value: 'count', label: 'Counts' },
];

/** Which categories the selected items have, by the first code that is still open. */
export function CategoryPanel({ categories, room }: PanelProps) {
  const { selected, facts, toggle, place } = useWorkbench();
  const [scale, setScale] = useState<'share' | 'count'>('share');
  const answer = useKeptQuery(api.codebooks.categories.queryOptions({ input: selected }));
  const { data } = answer;
  const scene = useCallback(
    (size: Size, colours: ChartColours) => barsScene(data ?? NOTHING, categories, scale, size, colours),
    [data, categories, scale],
  );
  if (!data) return <Missing query={answer} height={room + 32} />;
  if (data === null) {
    return (
      <p className="muted panel-inset">
        The data set has no text column by which items could be told apart, or none was chosen.
      </p>
    );
  }
  const { rows, level } = data;
  return (
    <SceneFigure
      title={`Categories by code of level ${level + 1}`}
      fileName={`${facts.name}-categories-level-${level + 1}`}
      label={`Codes of level ${level + 1} with their categories`}
      height={(rows.length + 1) * ROW + 4}
      windowHeight={room}
      scene={scene}
      stale={answer.isPlaceholderData}
      onChoose={(mark) => {
        const code = rows[mark - 1]?.code ?? -1;
        if (code >= 0) toggle(level, code);
      }}
      tip={(mark) => {
        const code = rows[mark - 1]?.code ?? -1;
        return code < 0 ? null : <Peek pattern={withCode(place.pattern, level, code)} />;
      }}
      controls={
        <>
          <Select aria-label="Scale of the bars" value={scale} choices={SCALES} onValue={setScale} />
          <CopyMenu what="categories" columns={columnsOf(categories)} rows={() => [data.total, ...rows]} />
        </>
      }
    />
  );
}

const NOTHING: CategoryBars = { level: 0, total: { code: -1, items: 0, counts: [] }, rows: [] };

const nameOf = ({ code }: CategoryRow, first: boolean) =>
  first ? 'All' : code < 0 ? 'Others' : idText([code]);

/** A bar a code, of all selected items the first; its parts are categories, what is unknown stays empty. */
function barsScene(
  { total, rows }: CategoryBars,
  categories: readonly string[],
  scale: 'share' | 'count',
  { width }: Size,
  colours: ChartColours,
): Scene {
  const all = [total, ...rows];
  const ink = categoryInk(categories, colours);
  const span = width - NAME_WIDTH;
  const most = Math.max(1, ...rows.map(({ items }) => items));
  const factor = ({ items }: CategoryRow, first: boolean) =>
    scale === 'share' || first ? span / Math.max(1, items) : span / most;
  const top = (mark: number) => mark * ROW + (mark > 0 ? 4 : 0);
  return {
    marks: all.length,
    paint(painter) {
      for (const [mark, row] of all.entries()) {
        const middle = top(mark) + ROW / 2;
        painter.text(0, middle, nameOf(row, mark === 0), { fill: colours.text });
        painter.text(NAME_WIDTH - 8, middle, grouped(row.items), { fill: colours.muted, align: 'end' });
        let x = NAME_WIDTH;
        for (const { kind, count } of parts(row)) {
          const wide = count * factor(row, mark === 0);
          painter.rect(x, top(mark) + 2, Math.max(0, wide - (wide > 2 ? 0.5 : 0)), ROW - 4, ink(kind));
          x += wide;
        }
      }
    },
    at: (_, y) => {
      const mark = y < ROW ? 0 : Math.floor((y - 4) / ROW);
      return y >= 0 && mark < all.length ? mark : null;
    },
    outline: (mark) => boxPath(0.5, top(mark) + 0.5, width - 1, ROW - 1),
    label: (mark) => {
      const row = all[mark];
      const largest = [...row.counts.keys()].sort((a, b) => row.counts[b] - row.counts[a]).slice(0, 3);
      const shares = largest
        .filter((kind) => row.counts[kind] > 0)
        .map((kind) => `${categories[kind]} ${Math.round((100 * row.counts[kind]) / row.items)} %`);
      return `${nameOf(row, mark === 0)} ${countText(row.items, 'item')}: ${shares.join(', ')}`;
    },
  };
}

/** What has no hue of its own stands together at the end. */
function parts({ counts }: CategoryRow): { kind: number; count: number }[] {
  const coloured = counts.slice(0, COLOURED_CATEGORIES).map((count, kind) => ({ kind, count }));
  const rest = counts.slice(COLOURED_CATEGORIES).reduce((sum, count) => sum + count, 0);
  return rest > 0 ? [...coloured, { kind: COLOURED_CATEGORIES, count: rest }] : coloured;
}

function columnsOf(categories: readonly string[]): Column<CategoryRow>[] {
  return [
    column('code', 'Code', 'text', ({ code }) => (code < 0 ? '' : String(code))),
    column('items', 'Items', 'number', ({ items }) => items),
    ...categories.map(
      (name, kind): Column<CategoryRow> =>
        column(`category ${kind}`, name, 'number', ({ counts }) => counts[kind]),
    ),
  ];
}
