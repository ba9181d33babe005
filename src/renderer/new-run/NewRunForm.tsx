import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { DatasetSummary } from '../../core/api/datasets.ts';
import type { ModelInfo } from '../../core/api/models.ts';
import type { EnqueueRequest } from '../../core/api/queue.ts';
import type { Settings } from '../../core/api/settings.ts';
import { shortcutLabel } from '../actions/keys.ts';
import { Button } from '../components/Button.tsx';
import { CopyButton } from '../components/CopyButton.tsx';
import { compareRuns } from '../runs/changes.ts';
import { api, client, errorDetails } from '../state/api.ts';
import { useDebounced } from '../state/debounced.ts';
import { goTo } from '../state/navigation.ts';
import { askToNotify, attempt, notify } from '../state/toasts.ts';
import { useKeptQuery } from '../state/use-kept-query.ts';
import { ConfigForm } from './ConfigForm.tsx';
import { furtherModels, newDraft, type RunDraft, requestOf, withFurther } from './draft.ts';
import { EstimatePanel, useEstimate } from './EstimatePanel.tsx';
import { IdMatchPanel, useIdMatch } from './IdMatchPanel.tsx';
import { useKeptDraft } from './kept-draft.ts';
import { closeNewRun, type RunTemplate } from './new-run.ts';
import { RunChoices } from './RunChoices.tsx';
import { parseSeeds } from './seeds.ts';
import { trainCommands } from './train-command.ts';

export interface NewRunFormProps {
  template: RunTemplate;
  datasets: DatasetSummary[];
  models: ModelInfo[];
  settings: Settings;
  /** Why models cannot be trained on the data set that is chosen first. */
  obstacles: Record<string, string | null>;
  /** Config of the template's model without its overrides; null where they stand for themselves. */
  plain: Record<string, unknown> | null;
}

const SETTLE_MS = 250;
/** Of the command that is shown without scrolling. */
const MAX_LINES = 4;

export function NewRunForm(props: NewRunFormProps) {
  const { template, datasets, models, settings, plain } = props;
  const [draft, setDraft] = useState(
    () =>
      keptDraft(template, datasets) ??
      newDraft(template, {
        datasets: datasets.map(({ name }) => name),
        models,
        plain,
        obstacles: props.obstacles,
        device: settings.device,
      }),
  );
  const [starting, setStarting] = useState(false);
  const change = (changes: Partial<RunDraft>) => {
    const next = { ...draft, ...changes };
    setDraft(next);
    useKeptDraft.setState({ draft: next });
  };
  const model = models.find(({ id }) => id === draft.model) ?? models[0];
  const config = useDebounced(
    {
      model: model.id,
      preset: draft.preset || undefined,
      overrides: draft.overrides,
      dataset: draft.dataset || undefined,
    },
    SETTLE_MS,
  );
  const { data: obstacles = props.obstacles } = useKeptQuery(
    api.models.obstacles.queryOptions({ input: { dataset: draft.dataset } }),
  );
  const resolved = useKeptQuery(api.models.resolve.queryOptions({ input: config }));
  const problem = resolved.error ? errorDetails(resolved.error) : (resolved.data?.problem ?? null);
  const request = problem === null ? requestOf(draft) : null;
  const further = furtherModels(models, obstacles, draft).filter(({ id }) => draft.also.includes(id));
  const requests = request ? withFurther(request, further) : [];
  const seeds = parseSeeds(draft.seeds);
  const count = ('seeds' in seeds ? seeds.seeds.length : 1) * (1 + further.length);
  const estimate = useEstimate(request);
  const match = useIdMatch(draft);
  const canStart = !starting && !estimate.tooLarge && match?.isGood !== false;
  const form = useRef<HTMLFormElement>(null);
  const start = async () => {
    if (!canStart) return;
    if (!request) {
      showProblem(form.current);
      return;
    }
    setStarting(true);
    let runs: string[] = [];
    const started = await attempt('The run could not be added', async () => {
      ({ runs } = await client.queue.enqueue({ requests }));
    });
    setStarting(false);
    if (!started) return;
    useKeptDraft.setState({ draft: null });
    askToNotify();
    closeNewRun();
    const of = further.length === 0 ? model.title : `${further.length + 1} models`;
    notify({
      level: 'info',
      title: `Added ${runs.length === 1 ? 'a run' : `${runs.length} runs`} of ${of} to the queue`,
      action:
        runs.length === 1
          ? { label: 'Open run', perform: () => goTo('run', [runs[0]]) }
          : { label: 'Compare', perform: () => compareRuns(runs) },
    });
  };
  return (
    <form
      ref={form}
      className="new-run"
      onKeyDown={(event) => {
        // Enter after a number shall not start hours of work; with Mod it shall.
        if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
        event.preventDefault();
        if (event.ctrlKey || event.metaKey) void start();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <div className="new-run-columns">
        <div className="new-run-choices">
          <RunChoices
            draft={draft}
            datasets={datasets}
            models={models}
            settings={settings}
            obstacles={obstacles}
            onChange={change}
          />
        </div>
        <div className="new-run-config">
          <ConfigForm
            key={`${draft.model} ${draft.preset}`}
            model={model}
            dataset={draft.dataset}
            preset={draft.preset}
            overrides={draft.overrides}
            resolved={resolved.data?.config ?? null}
            problem={problem}
            onChange={(overrides, problems) => change({ overrides, problems })}
          />
        </div>
      </div>
      {match && (
        <IdMatchPanel
          match={match}
          onChange={(keys) => change({ overrides: { ...draft.overrides, ...keys } })}
        />
      )}
      <EstimatePanel
        of={further.length > 0 ? model.title : undefined}
        request={request}
        estimate={estimate}
      />
      <CommandPanel requests={requests} />
      <div className="dialog-foot">
        <Button onClick={closeNewRun}>Cancel</Button>
        <Button kind="primary" type="submit" title={shortcutLabel('Mod+Enter')} disabled={!canStart}>
          {count > 1 ? `Start ${count} runs` : 'Start run'}
        </Button>
      </div>
    </form>
  );
}

/** Shows what cannot be started first, and unfolds what it is in. */
function showProblem(form: HTMLFormElement | null): void {
  const marked = form?.querySelector<HTMLElement>('[aria-invalid="true"], .problem');
  if (!marked) return;
  marked.closest('details')?.setAttribute('open', '');
  marked.scrollIntoView({ block: 'center' });
  marked.focus({ preventScroll: true });
}

/** What was typed before, where nothing else is asked for and its data set is still there. */
function keptDraft(template: RunTemplate, datasets: readonly DatasetSummary[]): RunDraft | null {
  const { draft: kept } = useKeptDraft.getState();
  const fits = Object.keys(template).length === 0 && datasets.some(({ name }) => name === kept?.dataset);
  return fits ? kept : null;
}

function CommandPanel({ requests }: { requests: readonly EnqueueRequest[] }) {
  const { data: system } = useQuery(api.settings.system.queryOptions());
  const commands = system ? requests.map((request) => trainCommands(system.commandLine, request)) : [];
  const command = commands.join('\n');
  return (
    <div className="new-run-line">
      <span className="new-run-line-title">Command</span>
      <textarea
        className="new-run-command mono"
        aria-label="Equivalent command"
        readOnly
        rows={Math.min(MAX_LINES, Math.max(2, command.split('\n').length))}
        placeholder={requests.length > 0 ? '' : 'Fix the highlighted fields'}
        value={command}
      />
      <CopyButton what="the command" text={command} />
    </div>
  );
}
