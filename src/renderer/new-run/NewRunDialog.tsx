import { useQuery } from '@tanstack/react-query';
import { Button } from '../components/Button.tsx';
import { Dialog } from '../components/Dialog.tsx';
import { EmptyState } from '../components/EmptyState.tsx';
import { Problem } from '../components/Problem.tsx';
import { api } from '../state/api.ts';
import { goTo } from '../state/navigation.ts';
import { DEFAULT_MODELS, firstDataset } from './draft.ts';
import { NewRunForm } from './NewRunForm.tsx';
import { closeNewRun, type RunTemplate, useNewRun } from './new-run.ts';
import './new-run.css';

/** Over every screen: chooses what to train and puts it into the queue. */
export function NewRunDialog() {
  const { template, opening } = useNewRun();
  return (
    <Dialog title="New run" open={template !== null} onClose={closeNewRun} width={1040} bare>
      {template && <Loaded key={opening} template={template} />}
    </Dialog>
  );
}

function Loaded({ template }: { template: RunTemplate }) {
  const datasets = useQuery(api.datasets.list.queryOptions());
  const models = useQuery(api.models.list.queryOptions());
  const settings = useQuery(api.settings.read.queryOptions());
  const { model = DEFAULT_MODELS[0], preset, overrides = {} } = template;
  const { protocol } = overrides;
  const plain = useQuery(
    api.models.resolve.queryOptions({
      input: { model, preset, overrides: protocol === undefined ? {} : { protocol } },
    }),
  );
  const first = datasets.data && firstDataset(template, datasets.data)?.name;
  const obstacles = useQuery({
    ...api.models.obstacles.queryOptions({ input: { dataset: first ?? '' } }),
    enabled: first !== undefined,
  });
  const error = datasets.error ?? plain.error ?? models.error ?? settings.error ?? obstacles.error;
  if (error) return <Problem error={error} />;
  const checked = datasets.data?.length === 0 || obstacles.data;
  if (!datasets.data || !models.data || !settings.data || !plain.data || !checked) {
    return <p className="muted new-run-wait">Reading the models</p>;
  }
  if (datasets.data.length === 0) {
    return (
      <EmptyState
        title="There is no data set to train on"
        text="Import one first: drop a ratings file on the window, or choose it on the data sets screen."
      >
        <Button
          kind="primary"
          onClick={() => {
            closeNewRun();
            goTo('datasets');
          }}
        >
          Go to data sets
        </Button>
      </EmptyState>
    );
  }
  return (
    <NewRunForm
      template={template}
      datasets={datasets.data}
      models={models.data}
      settings={settings.data}
      obstacles={obstacles.data ?? {}}
      plain={plain.data.config}
    />
  );
}
