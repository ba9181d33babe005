import { useQuery } from '@tanstack/react-query';
import { EmptyState } from '../../components/EmptyState.tsx';
import { FilePicker } from '../../components/FilePicker.tsx';
import { Problem } from '../../components/Problem.tsx';
import { SampleButton } from '../../components/SampleButton.tsx';
import { Screen } from '../../components/Screen.tsx';
import { NewRunButton } from '../../new-run/NewRunButton.tsx';
import { api } from '../../state/api.ts';
import { RunsTable } from './RunsTable.tsx';
import { useRunsView } from './runs-view.ts';
import '../../runs/runs.css';
import './runs.css';

/** All runs, newest first, seeds of one config folded into a row. */
export default function RunsScreen() {
  const [view, setView, ready] = useRunsView();
  // After the first rows, which are asked for as soon as the view is known: a child's questions go first.
  const fields = useQuery({ ...api.runs.fields.queryOptions(), enabled: ready });
  if (fields.error) {
    return (
      <Screen title="Runs">
        <Problem query={fields} />
      </Screen>
    );
  }
  if (fields.data && fields.data.runs + fields.data.archived === 0) return <NoRuns />;
  if (!ready) return <Screen title="Runs">{null}</Screen>;
  return <RunsTable view={view} onView={setView} fields={fields.data} />;
}

function NoRuns() {
  const datasets = useQuery(api.datasets.list.queryOptions());
  const none = datasets.data?.length === 0;
  return (
    <Screen title="Runs">
      <EmptyState title="No runs yet">
        {none ? (
          <>
            <p>
              Drop a ratings file or a folder of them on the window to import it, then train a model on it.
            </p>
            <div className="empty-actions">
              <FilePicker primary />
              <SampleButton />
            </div>
          </>
        ) : (
          <>
            <p>
              Train a first model: Popularity, ItemKNN and EASE take seconds and show what others must beat.
            </p>
            <NewRunButton />
          </>
        )}
      </EmptyState>
    </Screen>
  );
}
