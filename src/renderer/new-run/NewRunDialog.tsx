import { useQuery } from '@tanstack/react-query';
import { Button } from '../components/Button.tsx';
import { Dialog, DialogHead } from '../components/Dialog.tsx';
import { EmptyState, Missing } from '../components/Screen.tsx';
import { api, together } from '../state/api.ts';
import { useHosts } from '../state/hosts.ts';
import { goTo } from '../state/navigation.ts';
import { firstDataset, firstModel, newDraft, type RunTemplate } from './draft.ts';
import { closeNewRun, keptRunDraft, useLastChoice, useNewRun } from './new-run.ts';
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
  const hosts = useHosts();
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
  const all = together([code, datasets, models, settings, hosts, obstacles, plain]);
  if (!all.data) {
    return (
      <>
        <DialogHead title="New run" onClose={closeNewRun} />
        {datasets.data?.length === 0 ? <NoDatasets /> : <Missing query={all} />}
      </>
    );
  }
  const [{ NewRunForm }, sets, infos, read, known, lacks, { config: plainConfig }] = all.data;
  const kept = keptRunDraft(template, sets);
  const made = newDraft(template, {
    dataset: dataset ?? '',
    models: infos,
    plain: plainConfig,
    obstacles: lacks,
    device: read.device,
    hosts: known,
    last,
  });
  return (
    <NewRunForm
      template={template}
      first={kept ?? made}
      kept={kept !== null}
      datasets={sets}
      models={infos}
      settings={read}
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
