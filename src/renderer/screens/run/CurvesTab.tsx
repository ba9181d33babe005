import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type ReactElement, useMemo } from 'react';
import { labelText, phaseOf, type RunPage, type RunRecord } from '../../../core/api/runs.ts';
import { Curves, useCurves } from '../../charts/Curves.tsx';
import { Button } from '../../components/Button.tsx';
import { CheckMenu } from '../../components/CheckMenu.tsx';
import { EmptyState } from '../../components/Screen.tsx';
import { api } from '../../state/api.ts';
import { useKept } from '../../state/navigation.ts';
import { useTheme } from '../../state/theme.ts';
import { curvePanels, usualMetrics } from './curve-panels.ts';
import { RewardFacts } from './RewardFacts.tsx';
import { rewardOf } from './reward-words.ts';
import { useRunSeries } from './use-run-series.ts';
import { WordFacts } from './WordFacts.tsx';
import { wordsOf } from './word-facts.ts';

/** More could not be told apart. */
const MAX_ADDED = 7;

/** Metrics and losses over the run, while it trains and after. */
export function CurvesTab({ page }: { page: RunPage }) {
  if (page.series.length > 0) {
    const facts = factsBeside(page);
    if (facts === null) return <RunCurves page={page} />;
    return (
      <div className="curves-beside grid">
        <RunCurves page={page} />
        <div className="curves-facts stack packed gap-4">{facts}</div>
      </div>
    );
  }
  return phaseOf(page.run.status) === 'ended' ? (
    <EmptyState
      title="No curves"
      text="This model is not trained in steps, or the run ended before its first step. See Results and Log."
    />
  ) : (
    <EmptyState title="No points yet" text="They appear with the first steps." />
  );
}

/** What is told beside the curves of models that are trained by reward, or whose words are codes; null for others. */
function factsBeside(page: RunPage): ReactElement | null {
  const { run } = page;
  if (run.kind !== 'own') return null;
  const [reward, words] = [rewardOf(run), wordsOf(run)];
  if (reward) return <RewardFacts run={run} page={page} config={reward} />;
  return words && <WordFacts run={run} config={words} />;
}

/** The same with those of other runs beside them. */
function RunCurves({ page: { run, series } }: { page: RunPage }) {
  const look = useCurves();
  const { view, setView } = look;
  const theme = useTheme((state) => state.theme);
  const logged = series.map(({ metric }) => metric);
  const chosen = view.metrics?.filter((metric) => logged.includes(metric)) ?? [];
  const metrics = chosen.length > 0 ? chosen : usualMetrics(logged);
  const { offered, added, add } = useAddedRuns(run);
  const runs = [run.id, ...added.map(({ id }) => id)];
  const answer = useRunSeries({ ...look, runs, metrics });
  const names = JSON.stringify([metrics, runs]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names say what is shown
  const panels = useMemo(
    () => curvePanels(run, added, metrics, answer.data ?? [], theme),
    [answer.data, names, run.name, theme],
  );
  return (
    <Curves
      of={look}
      query={answer}
      panels={answer.data ? panels : []}
      planned={phaseOf(run.status) === 'ended' ? null : plannedEpochs(run)}
      controls={
        <>
          <CheckMenu
            trigger={<Button>Metrics</Button>}
            options={logged.map((metric) => ({ id: metric, label: metric }))}
            checked={metrics}
            onChange={(ids) => setView({ metrics: ids.length > 0 ? ids : null })}
          />
          {offered.length > 0 && (
            <CheckMenu
              trigger={<Button icon={Plus}>Add run</Button>}
              options={offered.map(({ id, label }) => ({ id, label: labelText(label) }))}
              checked={added.map(({ id }) => id)}
              most={MAX_ADDED}
              onChange={(ids) => add(ids.join(','))}
            />
          )}
        </>
      }
    />
  );
}

/** Runs of the same data set and protocol to draw beside this one: first the best that had ended when it began. */
function useAddedRuns(run: RunRecord) {
  const { data } = useQuery({
    ...api.compare.leaderboard.queryOptions({ input: { dataset: run.dataset?.name ?? '' } }),
    enabled: run.dataset !== null,
  });
  const [kept, add] = useKept('beside');
  // A model that is fitted in one go has no curve.
  const offered = [...(data?.best ?? []), ...(data?.others ?? [])].filter(
    ({ runs, epochs }) => (epochs ?? 0) > 1 && !runs.some(({ id }) => id === run.id),
  );
  const earlier = offered.find(({ endedAt }) => (endedAt ?? Infinity) <= (run.startedAt ?? run.createdAt));
  const shown = kept?.split(',') ?? (earlier ? [earlier.id] : []);
  return { offered, added: offered.filter(({ id }) => shown.includes(id)), add };
}

const plannedEpochs = ({ config }: RunRecord) =>
  typeof config?.epochs === 'number' && config.epochs > 0 ? config.epochs : null;
