import { useQuery } from '@tanstack/react-query';
import {
  labelText,
  type MeasuredRun,
  nameOf,
  type RunPage,
  type RunTableRow,
} from '../../../core/api/runs.ts';
import { runColours } from '../../charts/colours.ts';
import { Button } from '../../components/Button.tsx';
import { CheckMenu } from '../../components/CheckMenu.tsx';
import { EmptyState } from '../../components/Screen.tsx';
import { Decoding } from '../../runs/decoding/Decoding.tsx';
import { RecommendationsView } from '../../runs/recommendations/RecommendationsView.tsx';
import { MAX_RUNS } from '../../runs/recommendations/shown-runs.ts';
import { api } from '../../state/api.ts';
import { goTo, routeLink } from '../../state/navigation.ts';
import { useTheme } from '../../state/theme.ts';
import { useRunRoute } from './run-route.ts';

const MAX_ROWS = 200;

/** What the run recommends to a user, by itself or beside others that were measured in the same way. */
export function RecommendationsTab({
  run,
  checkpoints,
}: Pick<RunPage, 'checkpoints'> & { run: MeasuredRun }) {
  const { query, keep } = useRunRoute();
  const theme = useTheme((state) => state.theme);
  const { data } = useQuery(
    api.runs.table.queryOptions({
      input: {
        filters: [{ field: 'dataset', operator: '=', value: run.dataset.name }],
        statuses: ['completed'],
        config: ['decoding'],
        fold: true,
        limit: MAX_ROWS,
      },
    }),
  );
  const tokeniser = typeof run.config?.tokeniser === 'string' ? run.config.tokeniser : '';
  const { data: generators } = useQuery({
    ...api.codebooks.generators.queryOptions({ input: { run: tokeniser } }),
    enabled: tokeniser !== '',
  });
  const decodes = generators?.some((generator) => generator.run === run.id) === true;
  // Among many runs it may be behind those that are listed.
  const own = useQuery(api.runs.table.queryOptions({ input: { runs: [run.id] } })).data?.rows[0];
  if (run.dataset.id === null || (run.kind === 'own' && checkpoints.length === 0)) {
    return (
      <EmptyState
        title="No recommendations"
        text={
          run.dataset.id === null
            ? 'The data set has been deleted: import it again and train a new run.'
            : 'There is no checkpoint yet; the first one is kept after the first evaluation.'
        }
      />
    );
  }
  const isOwn = (row: RunTableRow) => row.runs.some(({ id }) => id === run.id);
  const rows = data?.rows ?? [];
  const key = own?.comparisonKey ?? null;
  const others = rows.filter((row) => key !== null && row.comparisonKey === key && !isOwn(row));
  const named = (query.with ?? '').split(',');
  const beside = others.filter(({ id }) => named.includes(id)).slice(0, MAX_RUNS - 1);
  const shown: Pick<RunTableRow, 'id' | 'label' | 'model' | 'config'>[] = [
    { ...run, label: rows.find(isOwn)?.label ?? nameOf(run, [run]), config: run.config ?? {} },
    ...beside,
  ];
  const colours = runColours(shown, theme);
  return (
    <RecommendationsView
      dataset={run.dataset.id}
      runs={shown.map(({ id, label, config }) => ({
        id,
        name: labelText(label),
        colour: colours.get(id) ?? '',
        generates: typeof config.decoding === 'string',
        protocol: key,
      }))}
      look={query}
      onLook={keep}
      trie={decodes ? (user) => <RunDecoding run={run} tokeniser={tokeniser} user={user} /> : undefined}
    >
      {others.length > 0 && (
        <CheckMenu
          trigger={<Button>Compare with</Button>}
          options={others.map(({ id, label }) => ({ id, label: labelText(label) }))}
          checked={beside.map(({ id }) => id)}
          most={MAX_RUNS - 1}
          onChange={(ids) => keep({ with: ids.join(',') })}
        />
      )}
    </RecommendationsView>
  );
}

interface RunDecodingProps {
  run: MeasuredRun;
  tokeniser: string;
  user: string;
}

/** How the list of the user is decoded; its codes lead to the codebooks. */
function RunDecoding({ run, tokeniser, user }: RunDecodingProps) {
  const toCodebooks = (codes: number[]) =>
    goTo('codebooks', [tokeniser, 'beam'], { model: run.id, user, at: codes.join('.') });
  return (
    <>
      <Decoding run={run.id} user={user} name={labelText(nameOf(run, [run]))} onOpen={toCodebooks} />
      <p className="small">
        <a href={routeLink('codebooks', [tokeniser, 'beam'], { model: run.id, user })}>
          With other beams, in the codebooks
        </a>
      </p>
    </>
  );
}
