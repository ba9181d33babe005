import { useQueries } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import { modelTitle, settingTitle, type StepMemory as Weighed } from '../../core/api/models.ts';
import { Button, Icon } from '../components/Button.tsx';
import { fieldText } from '../components/schema.ts';
import { bytesText } from '../format/format.ts';
import { api, client, problemText } from '../state/api.ts';
import { useWork } from '../state/work.ts';
import { Amount } from './Amount.tsx';
import type { Config } from './draft.ts';
import { fittingSettings } from './fitting-settings.ts';

export type ProbeInput = Parameters<typeof client.models.weigh>[0];
type SettingsOf = Readonly<Record<string, Config>>;

interface StepMemoryProps {
  inputs: readonly ProbeInput[];
  /** The whole config of each model, where its settings may be changed. */
  configs: SettingsOf;
  onSettings(changes: SettingsOf): void;
}

/** What the heaviest step of any of them takes beside the model, and what to change where that is more than is free. */
export function StepMemory({ inputs, configs, onSettings }: StepMemoryProps) {
  const answers = useQueries({
    queries: inputs.map((input) => api.models.weigh.queryOptions({ input })),
  });
  const known = answers.flatMap(({ data }) => data ?? []).sort((a, b) => b.bytes - a.bytes);
  const error = answers.find((answer) => answer.error !== null)?.error;
  const problem = error ? problemText(error) : known.find((one) => one.problem !== null)?.problem;
  const heavy = inputs.flatMap((input, at): Heavy[] => {
    const [memory, config] = [answers[at].data, configs[input.model]];
    return memory?.problem && config ? [{ input, memory, config }] : [];
  });
  return (
    <>
      {known.length > 0 && (
        <div className="new-run-memory grid last-fits">
          <Amount name="Memory of a step">
            {`${bytesText(known[0].bytes)} of ${bytesText(known[0].free)} free`}
          </Amount>
        </div>
      )}
      {problem && (
        <p className="field-problem" role="alert">
          {problem}
        </p>
      )}
      <Fitting heavy={heavy} inputs={inputs} onSettings={onSettings} />
    </>
  );
}

/** A training whose step is refused. */
interface Heavy {
  input: ProbeInput;
  memory: Weighed;
  config: Config;
}

/** Looks for settings that fit, and says which were changed as long as the form has them. */
function Fitting({
  heavy,
  inputs,
  onSettings,
}: { heavy: readonly Heavy[] } & Pick<StepMemoryProps, 'inputs' | 'onSettings'>) {
  const work = useWork(async (of: readonly Heavy[], signal) => {
    const found = await fitAll(of, signal);
    if (found !== null) onSettings(found);
    return found;
  });
  const { result } = work;
  const isKept =
    result !== null &&
    inputs.some(({ model }) => model in result) &&
    inputs.every(({ model, overrides = {} }) =>
      Object.entries(result[model] ?? {}).every(([key, value]) => overrides[key] === value),
    );
  const isAsked = JSON.stringify(work.input) === JSON.stringify(heavy);
  if (isKept) return <Changed settings={result} />;
  if (heavy.length === 0) return null;
  return (
    <>
      {isAsked && !work.isPending && work.failure === null && !work.isStopped && (
        <p className="field-help">
          No settings of the training bring the step within the memory that is free. Make the model smaller.
        </p>
      )}
      {work.failure && <p className="field-problem">{work.failure}</p>}
      <div>
        <Button onClick={() => (work.isPending ? work.stop() : work.start(heavy))}>
          {work.isPending ? 'Stop looking for settings' : 'Use settings that fit'}
        </Button>
      </div>
    </>
  );
}

/** Of every model that is too heavy; null where one does not fit whatever is changed. */
async function fitAll(heavy: readonly Heavy[], signal: AbortSignal): Promise<SettingsOf | null> {
  const found: Record<string, Config> = {};
  for (const { input, memory, config } of heavy) {
    const changes = await fittingSettings(config, memory, (changed) =>
      client.models.weigh({ ...input, overrides: { ...input.overrides, ...changed } }, { signal }),
    );
    if (changes === null) return null;
    found[input.model] = changes;
  }
  return found;
}

function Changed({ settings }: { settings: SettingsOf }) {
  const models = Object.entries(settings);
  const texts = models.map(([model, changes]) => {
    const set = Object.entries(changes).map(
      ([key, value]) => `${settingTitle(key)} ${value === true ? 'on' : fieldText(value)}`,
    );
    return models.length > 1 ? `${modelTitle(model)}: ${set.join(', ')}` : set.join(', ');
  });
  return (
    <p className="new-run-comparable row" data-alike>
      <Icon of={Check} />
      Changed to fit: {texts.join('; ')}
    </p>
  );
}
