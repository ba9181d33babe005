import { useQuery } from '@tanstack/react-query';
import type { OwnRun, RunPage } from '../../../core/api/runs.ts';
import { type Fact, FactList, Tiles } from '../../components/lists.tsx';
import { comparisonQuery } from '../../runs/comparison-query.ts';
import { api } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { DrawnGroups } from './DrawnGroups.tsx';
import {
  earlyEnd,
  formulaOf,
  type RewardConfig,
  rewardFacts,
  type StopRule,
  stopRules,
  valuesOf,
} from './reward-words.ts';
import { SourceLink } from './SourceLink.tsx';

/** Text, tiles, number. */
const LINE = { gridTemplateColumns: 'minmax(0, 1fr) 80px 64px', minHeight: 28 };
const TILES = 10;
/** More validations than these would be thinned. */
const PIXELS = 1000;

interface RewardFactsProps {
  run: OwnRun;
  page: RunPage;
  config: RewardConfig;
}

/** What a training by reward starts from, how it rewards, and what ends it. */
export function RewardFacts({ run, page, config }: RewardFactsProps) {
  const { policy, tokeniser, selection } = config;
  const { data } = useQuery({
    ...api.runs.series.queryOptions({ input: { run: run.id, metrics: [selection], pixels: PIXELS } }),
    enabled: page.series.some(({ metric }) => metric === selection),
  });
  const rules = stopRules(config, page, valuesOf(data, selection));
  const ended = earlyEnd(page.notice);
  const compared = comparisonQuery({ runs: [policy, run.id], baseline: policy });
  const facts: Fact[] = [
    ['Starts from', <SourceLink key="policy" id={policy} />],
    ...(tokeniser === '' ? [] : [['IDs of', <SourceLink key="ids" id={tokeniser} />] as const]),
    ...rewardFacts(config),
  ];
  return (
    <>
      {config.objective === 'grpo' && <DrawnGroups run={run} />}
      <section className="stack gap-1">
        <h2>Reward</h2>
        <FactList className="facts" width={128} facts={facts} />
        <p className="small muted">{formulaOf(config)}</p>
        {run.status === 'completed' && (
          <p className="row wrap gap-3">
            <a href={routeLink('compare', [], compared)}>Compare with its start</a>
            <a href={routeLink('language', ['stages', run.id])}>Stages to it</a>
          </p>
        )}
      </section>
      <section className="stack gap-1">
        <h2>{run.status === 'completed' ? 'Stopped by' : 'Stops when'}</h2>
        {run.status === 'completed' ? (
          <p>
            {ended ??
              (run.epochs === config.epochs ? `Epoch ${config.epochs}, its last` : 'Its user, or unknown')}
          </p>
        ) : (
          <ul>
            {rules.map((rule) => (
              <Rule key={rule.id} rule={rule} />
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

function Rule({ rule: { text, nearness, value, warns } }: { rule: StopRule }) {
  return (
    <li className="grid middle gap-2 line-below" style={LINE}>
      <span>{text}</span>
      <Tiles
        filled={Math.round(TILES * (nearness ?? 0))}
        of={TILES}
        colour={warns ? 'var(--warning)' : 'var(--text-muted)'}
      />
      <span className="text-end">{value}</span>
    </li>
  );
}
