import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { SelectField, TextField } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { bytesText } from '../../format/format.ts';
import { api, client } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import { goTo } from '../../state/navigation.ts';
import { attempt } from '../../state/toasts.ts';
import { amountText } from './amounts.ts';
import { PointsTable } from './PointsTable.tsx';
import { emptyDraft, PUBLISHED, parseDraft, type StudyDraft } from './study-draft.ts';

const SETTLE_MS = 300;

/** A grid of sizes and shares, with what it costs before anything starts. */
export function NewStudyDialog({ onClose }: { onClose(): void }) {
  const { data: datasets = [] } = useQuery(api.datasets.list.queryOptions());
  const { data: models = [] } = useQuery(api.models.list.queryOptions());
  const [typed, setTyped] = useState<StudyDraft>(emptyDraft);
  const [starting, setStarting] = useState(false);
  const draft = { ...typed, dataset: typed.dataset || (datasets[0]?.name ?? '') };
  const change = (changes: Partial<StudyDraft>) => setTyped((before) => ({ ...before, ...changes }));
  const { request, problems } = parseDraft(draft);
  const settled = useDebounced(request, SETTLE_MS);
  const plan = useQuery({
    ...api.studies.plan.queryOptions({
      input: settled ?? { kind: 'law', dataset: '', model: '', sizes: [], shares: [], seeds: [] },
    }),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
  });
  const name = draft.name.trim() || `${draft.model}-${draft.dataset}-scaling`;
  const refused = plan.data?.problem ?? null;
  const start = async () => {
    if (!request || starting) return;
    setStarting(true);
    await attempt('The study could not be made', async () => {
      const { id } = await client.studies.create({ name, request });
      goTo('scaling', [id]);
    });
    setStarting(false);
  };
  const scalable = models.filter(({ kind, task }) => kind === 'trained' && task === 'next-item');
  const model = scalable.find(({ id }) => id === draft.model);
  return (
    <Dialog
      title="New scaling study"
      open
      onOpenChange={(open) => !open && onClose()}
      width={860}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            disabled={!request || refused !== null || starting}
            onClick={() => void start()}
          >
            {plan.data?.points ? `Start ${plan.data.points.length} runs` : 'Start'}
          </Button>
        </>
      }
    >
      <div className="scaling-form">
        <SelectField
          label="Data set"
          problem={problems?.dataset}
          value={draft.dataset}
          choices={datasets.map(({ name: value }) => ({ value, label: value }))}
          onValue={(dataset) => change({ dataset })}
        />
        <SelectField
          label="Model"
          value={draft.model}
          choices={scalable.map(({ id, title }) => ({ value: id, label: title }))}
          onValue={(value) => change({ model: value, preset: '' })}
        />
        <SelectField
          label="Preset"
          value={draft.preset}
          choices={[
            { value: '', label: 'Defaults' },
            ...Object.keys(model?.presets ?? {}).map((value) => ({ value, label: value })),
          ]}
          onValue={(preset) => change({ preset })}
        />
        <TextField
          label="Seeds"
          help="One run a seed and cell"
          problem={problems?.seeds}
          value={draft.seeds}
          onValue={(seeds) => change({ seeds })}
        />
        <div className="scaling-wide">
          <TextField
            label="Sizes"
            help="Width x depth, or width x depth x heads; a law needs four, and a fifth to be foretold"
            problem={problems?.sizes}
            value={draft.sizes}
            onValue={(sizes) => change({ sizes })}
          />
          <Button kind="quiet" onClick={() => change({ sizes: PUBLISHED })}>
            Published ladder, 98K to 829M
          </Button>
        </div>
        <TextField
          label="Percent of the users trained on"
          problem={problems?.shares}
          value={draft.shares}
          onValue={(shares) => change({ shares })}
        />
        <TextField
          label="Settings of every run"
          help="key=value, separated by commas"
          problem={problems?.settings}
          value={draft.settings}
          onValue={(settings) => change({ settings })}
        />
        <div className="scaling-wide">
          <TextField
            label="Name"
            placeholder={name}
            value={draft.name}
            onValue={(value) => change({ name: value })}
          />
        </div>
      </div>
      {refused !== null && (
        <p className="problem" role="alert">
          {refused}
        </p>
      )}
      {plan.data?.points && (
        <>
          <p className="muted">
            {plan.data.points.length} runs, {amountText(plan.data.flops)}FLOP in all; the largest keeps about{' '}
            {bytesText(plan.data.bytes)} of parameters, optimiser and a step's values.
          </p>
          <div className="scaling-plan">
            <PointsTable points={plan.data.points} results={false} />
          </div>
        </>
      )}
    </Dialog>
  );
}
