import { useQueries } from '@tanstack/react-query';
import type { LadderQuestion, LadderRun } from '../../../core/api/language.ts';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';
import { fixed, grouped } from '../../format/format.ts';
import { type Finding, FindingWord, findingText } from '../../runs/comparison/FindingWord.tsx';
import { comparisonQuery } from '../../runs/comparison-query.ts';
import { api, problemText } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { gainsOf, gainsText, type SliceGain } from './gains.ts';
import { type StageRow, stageName } from './stages.ts';

/** From a stage to the next one that was measured. */
interface Step extends Pick<LadderRun, 'id'> {
  before: LadderRun;
  after: LadderRun;
  test: NonNullable<StageRow['toBefore']>;
  finding: Finding;
  where: string;
  /** Of the whole list; empty where nothing is known yet. */
  details: string;
}

interface StageStepsProps {
  question: LadderQuestion;
  rows: readonly StageRow[];
}

/** What each step between stages brings, and to whom. */
export function StageSteps({ question: { label, metric, decimals }, rows }: StageStepsProps) {
  const steps = rows.flatMap(({ run, before, toBefore }) =>
    before && toBefore ? [{ before, after: run, test: toBefore }] : [],
  );
  const queries = useQueries({
    queries: steps.map(({ before, after }) =>
      api.compare.slices.queryOptions({ input: { runs: [before.id, after.id], baseline: before.id } }),
    ),
  });
  if (steps.length === 0) return null;
  const known = steps.map((step, at): Step => {
    const { data, error } = queries[at];
    const gains = data && gainsOf(data, step.after.id, metric);
    const { significant, difference } = step.test;
    return {
      ...step,
      id: step.after.id,
      finding: !significant ? 'open' : difference > 0 ? 'better' : 'worse',
      where: gains ? gainsText(gains, decimals) : error ? problemText(error) : 'Counting the slices',
      details: gains ? [...gains.up, ...gains.down].map((gain) => detailOf(gain, decimals)).join('\n') : '',
    };
  });
  return (
    <Table title={`Steps of ${label}`} columns={columnsOf(decimals)} rows={known} rowKey={({ id }) => id} />
  );
}

const detailOf = ({ description, count, before, after }: SliceGain, decimals: number) =>
  `${grouped(count)} with ${description}: ${fixed(before, decimals)} to ${fixed(after, decimals)}`;

function columnsOf(decimals: number): Column<Step>[] {
  return [
    column('step', 'Step', 'text', ({ before, after }) => `${before.place} → ${stageName(after)}`, {
      width: 220,
      render: ({ before, after }) => (
        <>
          <span className="muted">{before.place} → </span>
          {stageName(after)}
        </>
      ),
    }),
    column('gain', 'Gain', 'signed', ({ test }) => test.difference, { width: 92, decimals }),
    column('interval', '95 % interval', 'interval', ({ test }) => test.interval, decimals),
    column('p', 'p', 'p', ({ test }) => test.holm),
    column('verdict', 'Verdict', 'text', ({ finding }) => findingText(finding), {
      width: 136,
      render: ({ finding }) => <FindingWord finding={finding} />,
    }),
    column('where', 'Where it gains', 'text', ({ where }) => where, {
      grows: true,
      tip: ({ where, details }) => details || where,
      render: ({ before, after, where }) => (
        <a
          href={routeLink('compare', [], {
            ...comparisonQuery({ runs: [before.id, after.id], baseline: before.id }),
            view: 'slices',
          })}
        >
          {where}
        </a>
      ),
    }),
  ];
}
