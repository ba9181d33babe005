import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { FilePicker } from '../../app/FilePicker.tsx';
import { EmptyState, Missing, Screen } from '../../components/Screen.tsx';
import { NewRunButton } from '../../new-run/NewRunButton.tsx';
import { RunsShown } from '../../runs/RunName.tsx';
import { runsOf } from '../../runs/run-words.ts';
import { StarterButton } from '../../runs/StarterButton.tsx';
import { api, together } from '../../state/api.ts';
import { Continue } from './Continue.tsx';
import { FirstLaunch } from './FirstLaunch.tsx';
import { Queued } from './Queued.tsx';
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
