import { useQuery } from '@tanstack/react-query';
import { Button } from '../components/Button.tsx';
import { Dialog, DialogHead } from '../components/Dialog.tsx';
import { EmptyState, Problem } from '../components/Screen.tsx';
import { api } from '../state/api.ts';
import { goTo } from '../state/navigation.ts';
import { firstDataset, firstModel, newDraft, type RunTemplate } from './draft.ts';
import { closeNewRun, keptDraft, useLastChoice, useNewRun } from './new-run.ts';
import './new-run.css';

/** Over every screen: chooses what to train and puts it into the queue. */
export function NewRunDialog() {
  const { template, opening } = useNewRun();
  return (
    <Dialog title="New run" open={template !== null} onClose={closeNewRun} width={960} bare>
      {template && <Loaded key={opening} template={template} />}
    </Dialog>
  );
}

function Loaded({ template }: { template: RunTemplate }) {
  // The form is much code, which the first screen does without.
  const code = useQuery({
    queryKey: ['new run form'],
    queryFn: () => import('./NewRunForm.tsx'),
    gcTime: Infinity,
  });
  const datasets = useQuery(api.datasets.list.queryOptions());
  const models = useQuery(api.models.list.queryOptions());
  const settings = useQuery(api.settings.read.queryOptions());
  const [last, , isRead] = useLastChoice();
  const { preset, overrides = {} } = template;
  const dataset = datasets.data && isRead ? firstDataset(template, datasets.data, last)?.name : undefined;
  const obstacles = useQuery({
    ...api.models.obstacles.queryOptions({ input: { dataset: dataset ?? '' } }),
    enabled: dataset !== undefined,
  });
  const plain = useQuery({
    ...api.models.resolve.queryOptions({
      input: {
        model: firstModel(template, obstacles.data ?? {}, last),
        preset,
        overrides: overrides.protocol === undefined ? {} : { protocol: overrides.protocol },
      },
    }),
    enabled: obstacles.data !== undefined,
  });
  const failed = [code, datasets, models, settings, obstacles, plain].find(({ error }) => error !== null);
  const none = datasets.data?.length === 0;
  if (
    none ||
    !code.data ||
    !datasets.data ||
    !models.data ||
    !settings.data ||
    !obstacles.data ||
    !plain.data
  ) {
    return (
      <>
        <DialogHead title="New run" onClose={closeNewRun} />
        {failed ? (
          <Problem query={failed} />
        ) : none ? (
          <NoDatasets />
        ) : (
          <p className="panel-inset">Loading models</p>
        )}
      </>
    );
  }
  const { NewRunForm } = code.data;
  const kept = keptDraft(template, datasets.data);
  const made = newDraft(template, {
    dataset: dataset ?? '',
    models: models.data,
    plain: plain.data.config,
    obstacles: obstacles.data,
    device: settings.data.device,
    last,
  });
  return (
    <NewRunForm
      template={template}
      first={kept ?? made}
      kept={kept !== null}
      datasets={datasets.data}
      models={models.data}
      settings={settings.data}
    />
  );
}

function NoDatasets() {
  const leave = () => {
    closeNewRun();
    goTo('datasets');
  };
  return (
    <EmptyState
      title="There is no data set to train on"
      text="Import one first: drop a ratings file on the window, or choose it on the Data sets screen."
    >
      <Button kind="primary" onClick={leave}>
        Go to data sets
      </Button>
    </EmptyState>
  );
}
