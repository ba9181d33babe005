import { useQuery } from '@tanstack/react-query';
import { EmptyList } from '../../app/EmptyList.tsx';
import { FilePicker } from '../../app/FilePicker.tsx';
import { SampleButton } from '../../app/SampleButton.tsx';
import { Missing, Screen } from '../../components/Screen.tsx';
import { NewRunButton } from '../../new-run/NewRunButton.tsx';
import { api } from '../../state/api.ts';
import { useRoute } from '../../state/navigation.ts';
import { ImportRuns } from './ImportRuns.tsx';
import { RunsTable } from './RunsTable.tsx';
import '../../runs/runs.css';
import './runs.css';

/** "#/runs" lists them, "#/runs/import/PATH/…" previews those of another tracker. */
export default function RunsScreen() {
  const [view, ...paths] = useRoute(({ path }) => path);
  return view === 'import' && paths.length > 0 ? <ImportRuns key={paths.join()} paths={paths} /> : <Runs />;
}

/** All runs, by data set and protocol, seeds of one configuration folded into a row. */
function Runs() {
  const totals = useQuery(api.runs.totals.queryOptions());
  if (!totals.data) {
    return (
      <Screen title="Runs">
        <Missing query={totals} />
      </Screen>
    );
  }
  if (totals.data.runs + totals.data.archived === 0) return <NoRuns />;
  return <RunsTable totals={totals.data} />;
}

function NoRuns() {
  const datasets = useQuery(api.datasets.list.queryOptions());
  const none = datasets.data?.length === 0;
  return (
    <Screen title="Runs">
      <EmptyList
        kind="run"
        title="No runs yet"
        text={
          none
            ? 'Drop a ratings file or a folder of them on the window to import it, then train a model on it.'
            : 'Train a first model: Popularity, ItemKNN and EASE take seconds and show what others must beat.'
        }
      >
        {none ? (
          <>
            <FilePicker primary />
            <SampleButton />
          </>
        ) : (
          <NewRunButton />
        )}
      </EmptyList>
    </Screen>
  );
}
