import { useMemo } from 'react';
import { settledOf, type Timeline, type TimelineProgress } from '../../../../core/api/codebooks.ts';
import { Figure } from '../../../charts/Figure.tsx';
import { type Column, column } from '../../../components/columns.ts';
import { Working } from '../../../components/Progress.tsx';
import { EmptyState, Problem } from '../../../components/Screen.tsx';
import { Statement } from '../../../components/Statement.tsx';
import { Table } from '../../../components/Table.tsx';
import { fixed } from '../../../format/format.ts';
import { api, client } from '../../../state/api.ts';
import { useProgressQuery } from '../../../state/use-progress-query.ts';
import { Snapshots, showStep } from '../Toolbar.tsx';
import { useWorkbench } from '../workbench.ts';
import { timelineFigures } from './figures.ts';
import { StateMaps } from './StateMaps.tsx';

type Moment = Timeline['moments'][number];

/** How the codes came to be used while the tokeniser trained. */
export function TimeTab() {
  const { facts, view } = useWorkbench();
  const input = { run: facts.run };
  const timeline = useProgressQuery<TimelineProgress, Timeline>(
    api.codebooks.timeline.key({ type: 'query', input }),
    (signal) => client.codebooks.timeline(input, { signal }),
    () => 'reading',
  );
  if (facts.snapshots.length < 2) {
    return (
      <EmptyState
        title="Only one snapshot"
        text="This run kept its IDs once. A tokeniser that trains in steps keeps them at every evaluation, and this view shows how the codes came to be used."
      />
    );
  }
  if (timeline.error !== null && !timeline.working) {
    return <Problem query={timeline} />;
  }
  const { data, progress } = timeline;
  if (!data) {
    return (
      <Working
        label="Reading the snapshots"
        fraction={progress ? progress.done / progress.total : 0}
        detail={progress ? `${progress.done} of ${progress.total}` : ''}
        onCancel={timeline.cancel}
      />
    );
  }
  return <Moments timeline={data} step={view.step ?? facts.selected} />;
}

function Moments({ timeline, step }: { timeline: Timeline; step: number }) {
  const { facts } = useWorkbench();
  const { moments, collapse } = timeline;
  const settled = settledOf(moments);
  const last = moments.at(-1)?.levels[0].changed ?? 0;
  const limit = settled
    ? `: at most ${percentText(settled.changed)} of the first codes changed from one state to the next since`
    : `: ${percentText(last)} of the first codes changed before the last state`;
  const columns = useMemo(() => momentColumns(facts.levels), [facts.levels]);
  return (
    <div className="codebook-flow flow">
      <Statement
        fact={settled ? `Settled after iteration ${moments[settled.at].epoch}` : 'Not settled'}
        limit={limit}
      >
        {collapse === null
          ? 'Perplexity never fell by a tenth from one saved state to the next.'
          : `Perplexity fell most at iteration ${moments[collapse].epoch}: codes were lost there.`}{' '}
        The state that all views show has a line in the curves; move it with the slider.
      </Statement>
      <Snapshots />
      <StateMaps onStep={(next) => showStep(facts.run, next)} />
      <div className="codebook-curves panels">
        {timelineFigures(facts.name, timeline, step).map((spec) => (
          <Figure key={spec.title} spec={spec} />
        ))}
      </div>
      <Table title="All snapshots" label="Snapshots" columns={columns} rows={moments} />
    </div>
  );
}

const percentText = (share: number) => `${fixed(100 * share, share < 0.1 ? 1 : 0)} %`;

function momentColumns(levels: number): Column<Moment>[] {
  return [
    column('epoch', 'Iteration', 'number', ({ epoch }) => epoch),
    column('step', 'Step', 'number', ({ step }) => step),
    column('collisions', 'Collision rate', 'metric', ({ collisionRate }) => collisionRate),
    ...Array.from({ length: levels }, (_, level): Column<Moment>[] => [
      column(`usage ${level}`, `Usage ${level + 1}`, 'metric', (moment) => moment.levels[level].usage, 3),
      column(
        `perplexity ${level}`,
        `Perplexity ${level + 1}`,
        'metric',
        (moment) => moment.levels[level].perplexity,
        1,
      ),
    ]).flat(),
  ];
}
