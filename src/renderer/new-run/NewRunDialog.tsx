import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { DatasetSummary } from '../../core/api/datasets.ts';
import type { ModelInfo } from '../../core/api/models.ts';
import type { Settings } from '../../core/api/settings.ts';
import { Button } from '../components/Button.tsx';
import { Dialog, DialogHead } from '../components/Dialog.tsx';
import { EmptyState, Missing } from '../components/Screen.tsx';
import { api, together } from '../state/api.ts';
import { useHosts } from '../state/hosts.ts';
import { goTo } from '../state/navigation.ts';
import { firstDatasets, firstModel, newDraft, type RunTemplate } from './draft.ts';
import type { NewRunFormProps } from './NewRunForm.tsx';
import { closeNewRun, keptRunDraft, useLastChoice, useNewRun } from './new-run.ts';
import './new-run.css';

/** Over every screen: chooses what to train and puts it into the queue. */
export function NewRunDialog() {
  const { template, opening } = useNewRun();
  if (template === null) return null;
  return (
    <Dialog title="New run" onClose={closeNewRun} width={960} bare>
      <Loaded key={opening} template={template} />
    </Dialog>
  );
}

/** Waits for what the form cannot do without; what is wrong with a data set, it says beside it. */
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
  const all = together([code, datasets, models, settings]);
  const first = useFirstDraft(template, datasets.data, models.data, settings.data);
  if (!all.data || !first) {
    return (
      <>
        <DialogHead title="New run" onClose={closeNewRun} />
        {datasets.data?.length === 0 ? <NoDatasets /> : <Missing query={all} />}
      </>
    );
  }
  const [{ NewRunForm }, sets, infos, read] = all.data;
  return <NewRunForm template={template} {...first} datasets={sets} models={infos} settings={read} />;
}

const isAnswered = ({ data, error }: { data?: unknown; error: unknown }) =>
  data !== undefined || error !== null;

/** What the form begins with, once it is known; what changes later, as with an import, begins no other. */
function useFirstDraft(
  template: RunTemplate,
  datasets: readonly DatasetSummary[] | undefined,
  models: readonly ModelInfo[] | undefined,
  settings: Settings | undefined,
): Pick<NewRunFormProps, 'first' | 'kept'> | null {
  const [first, setFirst] = useState<Pick<NewRunFormProps, 'first' | 'kept'> | null>(null);
  const hosts = useHosts();
  const [last, , isRead] = useLastChoice();
  const { preset, overrides = {} } = template;
  const [passed, setPassed] = useState(0);
  const possible = datasets && isRead ? firstDatasets(template, datasets, last) : [];
  // Where the template's model can be trained on none, the first says why.
  const dataset = (possible[passed] ?? possible[0])?.name;
  const obstacles = useQuery({
    ...api.models.obstacles.queryOptions({ input: { dataset: dataset ?? '' } }),
    enabled: dataset !== undefined && first === null,
  });
  const isPassed = Boolean(template.model && obstacles.data?.[template.model]) && passed < possible.length;
  if (isPassed && first === null) setPassed(passed + 1);
  const plain = useQuery({
    ...api.models.resolve.queryOptions({
      input: {
        model: firstModel(template, obstacles.data ?? {}, last),
        preset,
        overrides: overrides.protocol === undefined ? {} : { protocol: overrides.protocol },
      },
    }),
    enabled: isAnswered(obstacles) && !isPassed && first === null,
  });
  const isKnown = [hosts, obstacles, plain].every(isAnswered);
  if (first === null && isKnown && !isPassed && dataset !== undefined && datasets && models && settings) {
    const kept = keptRunDraft(template, datasets);
    const made = newDraft(template, {
      dataset,
      models,
      plain: plain.data?.config ?? null,
      obstacles: obstacles.data ?? {},
      device: settings.device,
      hosts: hosts.data ?? [],
      last,
    });
    setFirst({ first: kept ?? made, kept: kept !== null });
  }
  return first;
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
