import { type ReactNode, useState } from 'react';
import {
  axisTitle,
  costFigure,
  DEPTH_WIDTH_NOTE,
  type DepthWidth,
  type DepthWidthCell,
  depthWidthFigure,
  lawFigure,
  lawStatement,
  metricTitles,
  type NextStep,
  nextSeconds,
  nextSteps,
  percentText,
  type ScalingPage,
  type StudyAxis,
  type StudyMetric,
  type StudyPoint,
} from '../../../core/api/studies.ts';
import { mixed } from '../../charts/colours.ts';
import { Figure } from '../../charts/Figure.tsx';
import { useChartColours, useModelColour } from '../../charts/use-chart-colours.ts';
import { type Column, column } from '../../components/columns.ts';
import { failsAlone } from '../../components/ErrorBoundary.tsx';
import { Select } from '../../components/Select.tsx';
import { ScreenFoot, Statement } from '../../components/Statement.tsx';
import { Table } from '../../components/Table.tsx';
import { countText, shortTime } from '../../format/format.ts';
import { useTimeLeft } from '../../runs/use-clock.ts';
import { PointsTable } from '../../studies/PointsTable.tsx';
import { StudyFrame, useStudy } from '../../studies/StudyFrame.tsx';
import { STUDIES } from '../../studies/words.ts';
import { BaseLargeView } from './BaseLargeView.tsx';
import { LawsTable } from './LawsTable.tsx';
import { studyModels } from './messages.ts';

const METRICS: StudyMetric[] = ['cross-entropy', 'ndcg@10'];
const AXES: StudyAxis[] = ['parameters', 'data'];

/** One study: its laws drawn and in numbers, its grid, and how far it is. */
export function ScalingView({ study: id }: { study: string }) {
  const query = useStudy(STUDIES, id);
  const study = query.data && 'points' in query.data ? query.data : undefined;
  return (
    <StudyFrame
      words={STUDIES}
      study={id}
      query={query}
      page={study}
      canResume={study !== undefined && study.done < study.cells}
    >
      {study && <StudyBody study={study} />}
    </StudyFrame>
  );
}

function StudyBody({ study }: { study: ScalingPage }) {
  const { spec, done, cells, points, baseLarge } = study;
  const left = useTimeLeft(
    points.flatMap(({ run }) => (run === null ? [] : [run.id])),
    done < cells,
  );
  const cost = costFigure(points);
  const about = (
    <>
      {studyModels(spec)} on {spec.dataset.name}
      {spec.preset ? `, preset ${spec.preset}` : ''}: {done} of {cells} runs done
      {left && `, ${left} left with the runs before it in the queue`}.
    </>
  );
  return (
    <div className="column tall">
      {baseLarge ? (
        <div className="study-page grid gap-6">
          <p className="muted">{about}</p>
          <BaseLargeView comparison={baseLarge} dataset={spec.dataset.name} />
        </div>
      ) : (
        <Laws study={study} about={about} />
      )}
      <div className="study-page grid gap-6">
        {!baseLarge && <SizesTable points={points} />}
        {cost && <Figure spec={cost} />}
        <PointsTable points={points} results />
      </div>
      <ScreenFoot>
        <span>
          {countText(spec.seeds.length, 'seed')} a cell.
          {!baseLarge &&
            ' Band: 95 % of the law. Diamond: held out of the fit; bar: predicted range. Hatched: extrapolation.'}
        </span>
      </ScreenFoot>
    </div>
  );
}

/** The laws of one metric along one axis: the first of them in words, all of them drawn and in numbers. */
const Laws = failsAlone(LawsInWords, () => 'the laws');

function LawsInWords({ study, about }: { study: ScalingPage; about: ReactNode }) {
  const { spec, points, depthWidth } = study;
  const [metric, setMetric] = useState<StudyMetric>('cross-entropy');
  const [axis, setAxis] = useState<StudyAxis>('parameters');
  const { background } = useChartColours();
  const model = useModelColour(spec.model);
  const laws = study.laws.filter((law) => law.axis === axis && law.metric === metric);
  const drawn = laws.filter((law) => law.points.length > 0);
  const [main] = drawn;
  const choices = (
    <div className="chart-head scaling-choices rigid">
      <Select
        aria-label="Metric"
        value={metric}
        choices={METRICS.map((value) => ({ value, label: metricTitles[value] }))}
        onValue={setMetric}
      />
      <Select
        aria-label="Against"
        value={axis}
        choices={AXES.map((value) => ({ value, label: axisTitle(value) }))}
        onValue={setAxis}
      />
    </div>
  );
  if (!main) {
    return (
      <>
        {choices}
        <Statement fact="No results yet" large>
          {about} The law is drawn as the runs complete.
        </Statement>
      </>
    );
  }
  const said = lawStatement(main, nextSeconds(points));
  const strength = (at: number) => Math.max(0.35, 1 - 0.25 * at);
  return (
    <>
      <div className="scaling-head flex gap-4 spread">
        <Statement
          large
          fact={
            <>
              {said.fact}
              {said.exponent && <sup>{said.exponent}</sup>}
              {said.towards && ` ${said.towards}`}
            </>
          }
          limit={said.limit}
        >
          {said.numbers.join(' ')}
          {said.conclusion && <strong>: {said.conclusion}</strong>}
          {said.numbers.length > 0 && !said.numbers.at(-1)?.endsWith('.') && '.'} {about}
        </Statement>
        {choices}
      </div>
      <div className="study-page grid gap-6">
        <div className="study-columns grid">
          <Figure
            spec={lawFigure(
              drawn,
              drawn.map((_, at) => mixed(model, background, strength(at))),
            )}
          />
          <div className="grid gap-6">
            <LawsTable laws={laws} />
            <NextSteps steps={nextSteps(main, points, spec.seeds.length, spec.shares.length)} />
          </div>
        </div>
        {depthWidth && <DepthWidthView grid={depthWidth} metric={metric} />}
      </div>
    </>
  );
}

function NextSteps({ steps }: { steps: readonly NextStep[] }) {
  if (steps.length === 0) return null;
  return (
    <section className="stack">
      <h2>What next</h2>
      <ul className="scaling-next">
        {steps.map(({ text, seconds }) => (
          <li key={text}>
            {text}
            <span className="muted">{seconds === null ? '' : shortTime(seconds)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const DEPTH_COLUMNS: Column<DepthWidthCell>[] = [
  column('size', 'Size', 'text', ({ label }) => label),
  column('depth', 'Blocks', 'number', ({ depth }) => depth),
  column('width', 'Width', 'number', ({ width }) => width),
  column('n', 'Non-embedding', 'count', ({ nonEmbedding }) => nonEmbedding),
  column('loss', 'Cross-entropy', 'metric', ({ crossEntropy }) => crossEntropy),
  column('ndcg', 'NDCG@10', 'metric', ({ ndcg }) => ndcg),
];

/** Whether a number of parameters does better in more blocks or in wider ones: one line a depth, widths at its points. */
function DepthWidthView({ grid, metric }: { grid: DepthWidth; metric: StudyMetric }) {
  const spec = depthWidthFigure(grid, metric);
  return (
    <section className="stack">
      {spec && <Figure spec={spec} />}
      <p className="muted" style={{ maxWidth: '90ch' }}>
        {DEPTH_WIDTH_NOTE}
      </p>
      <Table title="Depth and width" columns={DEPTH_COLUMNS} rows={grid.cells} />
    </section>
  );
}

interface Size {
  label: string;
  nonEmbedding: number;
  /** By share, over seeds. */
  cells: Map<number, { loss: number | null; ndcg: number | null }>;
}

/** The means over seeds of each size, a pair of columns a share of the users; the best of each in bold. */
function SizesTable({ points }: { points: readonly StudyPoint[] }) {
  const shares = [...new Set(points.map(({ share }) => share))].sort((a, b) => a - b);
  const sizes = [...Map.groupBy(points, ({ size }) => size)].map(([, cells]): Size => {
    const [{ label, nonEmbedding }] = cells;
    const means = shares.map((share) => {
      const same = cells.filter((cell) => cell.share === share);
      return [share, { loss: meanOf(same, 'crossEntropy'), ndcg: meanOf(same, 'ndcg') }] as const;
    });
    return { label, nonEmbedding, cells: new Map(means) };
  });
  const value = (share: number, of: 'loss' | 'ndcg') => (size: Size) => size.cells.get(share)?.[of] ?? null;
  const measured = (share: number, of: 'loss' | 'ndcg', title: string): Column<Size>[] => {
    const values = sizes.flatMap((size) => value(share, of)(size) ?? []);
    if (values.length === 0) return [];
    const best = of === 'loss' ? Math.min(...values) : Math.max(...values);
    return [
      column<Size, 'metric'>(
        `${of} ${share}`,
        `${title} (${percentText(share)})`,
        'metric',
        value(share, of),
        {
          render: (size) => {
            const own = value(share, of)(size);
            const text = own === null ? '–' : own.toFixed(4);
            return own === best && values.length > 2 ? <strong>{text}</strong> : text;
          },
        },
      ),
    ];
  };
  const columns: Column<Size>[] = [
    column('size', 'Size', 'text', ({ label }) => label),
    column('n', 'N', 'count', ({ nonEmbedding }) => nonEmbedding),
    ...shares.flatMap((share) => [
      ...measured(share, 'loss', 'Cross-entropy'),
      ...measured(share, 'ndcg', 'NDCG@10'),
    ]),
  ];
  return (
    <section className="stack">
      <Table title="Sizes" columns={columns} rows={sizes} />
    </section>
  );
}

function meanOf(cells: readonly StudyPoint[], key: 'crossEntropy' | 'ndcg'): number | null {
  const values = cells.flatMap((cell) => cell[key] ?? []);
  return values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length;
}
