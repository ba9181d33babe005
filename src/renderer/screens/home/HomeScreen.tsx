import { useQuery } from '@tanstack/react-query';
import { LayoutGrid, type LucideIcon, Plus, Scale } from 'lucide-react';
import { useMemo } from 'react';
import { spanText, sumOf } from '../../../core/api/clock.ts';
import { modelTitle } from '../../../core/api/models.ts';
import { nameAlone } from '../../../core/api/runs.ts';
import { FilePicker } from '../../app/FilePicker.tsx';
import { Button } from '../../components/Button.tsx';
import { EmptyState, Missing, Screen } from '../../components/Screen.tsx';
import { countText } from '../../format/format.ts';
import { NewRunButton } from '../../new-run/NewRunButton.tsx';
import { useLastRunDraft } from '../../new-run/new-run.ts';
import { RunName, RunsShown } from '../../runs/RunName.tsx';
import { RunTile } from '../../runs/RunTile.tsx';
import { runsOf } from '../../runs/run-words.ts';
import { StarterButton } from '../../runs/StarterButton.tsx';
import { savedOf, useSavedComparisons } from '../../runs/saved-comparisons.ts';
import { useClock } from '../../runs/use-clock.ts';
import { api, together } from '../../state/api.ts';
import { useLastPlaces } from '../../state/last-places.ts';
import { parseRoute, routeLink } from '../../state/navigation.ts';
import { FirstLaunch } from './FirstLaunch.tsx';
import { Recent } from './Recent.tsx';
import { RunningRuns } from './RunningRuns.tsx';
import './home.css';

/** Where everything begins: without data what can be done first, else what trains, what is best and what was last. */
export default function HomeScreen() {
  const home = together([
    useQuery(api.datasets.list.queryOptions()),
    useQuery(api.runs.fields.queryOptions()),
  ]);
  const [datasets, fields] = home.data ?? [];
  const runs = fields ? fields.runs + fields.archived : 0;
  const { data: queue } = useQuery(api.queue.show.queryOptions());
  const queued = useMemo(() => runsOf(queue), [queue]);
  // Its table is large, and the rest of Home need not wait for it.
  const { data: best } = useQuery({
    queryKey: ['screen', 'home', 'best'],
    queryFn: () => import('./BestByDataset.tsx'),
    enabled: runs > 0,
    gcTime: Infinity,
  });
  const BestByDataset = best?.default;
  if (!datasets) {
    return (
      <Screen title="Home">
        <Missing query={home} />
      </Screen>
    );
  }
  if (datasets.length + runs === 0) return <FirstLaunch />;
  return (
    <Screen
      title="Home"
      actions={
        <>
          <FilePicker />
          <NewRunButton />
        </>
      }
    >
      <RunsShown value={queued}>
        <div className="home grid top">
          <div className="stack">
            <RunningRuns />
            {runs === 0 ? (
              <EmptyState
                title={`${datasets[0].name} is ready`}
                text="Popularity, ItemKNN, EASE and SASRec show what other models must beat."
              >
                <StarterButton dataset={datasets[0]} />
              </EmptyState>
            ) : (
              BestByDataset && <BestByDataset datasets={datasets} />
            )}
          </div>
          <aside className="stack" aria-label="Queue and recent work">
            <Queued />
            <Recent datasets={datasets} />
            <Continue />
          </aside>
        </div>
      </RunsShown>
    </Screen>
  );
}

/** As many as are worth a line here; the queue has them all. */
const SHOWN = 6;

/** The runs that start next, and how long they take. */
function Queued() {
  const { data: queue } = useQuery(api.queue.show.queryOptions());
  const clock = useClock(queue)?.clock;
  if (!queue || queue.waiting.length === 0) return null;
  const leftOf = (id: string) => clock?.runs[id]?.left ?? null;
  const work = sumOf(queue.waiting.flatMap(({ run, held }) => (held ? [] : leftOf(run.id))));
  const more = queue.waiting.length - SHOWN;
  return (
    <section aria-label="Queued">
      <div className="home-heading flex baseline gap-2">
        <h2>Queue</h2>
        {work.low > 0 && <span className="muted">{spanText(work)} of work</span>}
        <a className="push medium plain" href={routeLink('queue')}>
          Open
        </a>
      </div>
      <ol className="home-list">
        {queue.waiting.slice(0, SHOWN).map(({ run, held }) => (
          <li key={run.id} className="flex middle line-above">
            <RunTile model={run.model} />
            <a className="row-link clip" href={routeLink('run', [run.id])}>
              <RunName run={run} />
            </a>
            <span className="muted push">{held ? 'paused' : spanText(leftOf(run.id))}</span>
          </li>
        ))}
      </ol>
      {more > 0 && <p className="muted">and {more} more</p>}
    </section>
  );
}

function Way({ icon, perform, children }: { icon: LucideIcon; perform(): void; children: string }) {
  return (
    <Button icon={icon} className="shrinks" onClick={perform}>
      <span className="clip">{children}</span>
    </Button>
  );
}

/** What was begun and left: a new run that was not started, the last comparison, the last codebook. */
function Continue() {
  const begun = useLastRunDraft();
  const [{ compare = '', codebooks = '' }] = useLastPlaces();
  const saved = useSavedComparisons();
  const compared = (parseRoute(compare).query.get('runs') ?? '').split(',').filter((id) => id !== '');
  const [tokeniser] = parseRoute(codebooks).path;
  const wanted = [...compared, ...(tokeniser === undefined ? [] : [tokeniser])];
  const { data } = useQuery({
    ...api.runs.table.queryOptions({ input: { runs: wanted, archived: 'all', limit: 1000 } }),
    enabled: wanted.length > 0,
  });
  const rows = data?.rows ?? [];
  const there = compared.filter((run) => rows.some(({ id }) => id === run));
  const codebook = rows.find(({ id }) => id === tokeniser);
  const visit = (address: string) => () => {
    location.hash = address;
  };
  if (!begun && there.length === 0 && !codebook) return null;
  return (
    <section aria-label="Continue">
      <div className="home-heading flex baseline gap-2">
        <h2>Continue</h2>
      </div>
      <div className="flex gap-2 wrap">
        {begun && (
          <Way icon={Plus} perform={begun.open}>
            {`New run of ${begun.draft.models.map(({ model }) => modelTitle(model)).join(', ')} on ${begun.draft.dataset}`}
          </Way>
        )}
        {there.length > 0 && (
          <Way icon={Scale} perform={visit(compare)}>
            {savedOf(saved, compared)?.name ?? `Compare ${countText(there.length, 'run')}`}
          </Way>
        )}
        {codebook && (
          <Way icon={LayoutGrid} perform={visit(codebooks)}>
            {`Codebook of ${nameAlone({ ...codebook, seed: codebook.runs[0]?.seed })}`}
          </Way>
        )}
      </div>
    </section>
  );
}
