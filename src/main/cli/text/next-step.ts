/** What a user may do after a training. */
import { comparisonKey } from '../../../core/evaluation/protocol.ts';
import { tasksOf } from '../../../core/evaluation/tasks.ts';
import { resolveConfig } from '../../../core/families/registry.ts';
import { terminalQuote } from '../../../core/names.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { protocolFields } from '../../../core/training/config.ts';
import { namedSources } from '../../../core/training/sources.ts';
import { program } from '../../data-folder/command-line.ts';

export function nextStep(store: Store, run: OwnRun): string {
  const on = `--dataset ${terminalQuote(run.dataset.name)}`;
  if (run.protocol?.task === 'tokeniser') {
    const generator = `train ${on} --model tiger --preset strong --set tokeniser=${run.id}`;
    return `Generate recommendations with its IDs: ${program()} ${generator}`;
  }
  const other = comparable(store, run);
  if (other) return `Compare: ${program()} compare ${other.id} ${run.id}`;
  if (tasksOf(run.protocol)) return `See its slices: ${program()} runs show ${run.id}`;
  if (run.model === 'popularity')
    return `Run ${run.id} is kept. Train a model to compare it with: ${program()} models`;
  const baseline = ['train', on, '--model popularity', ...asEvaluated(run)].join(' ');
  return `Run ${run.id} is kept. Train a baseline to compare it with: ${program()} ${baseline}`;
}

/** The run that this one started from, else the newest other one, of those measured by the same protocol. */
function comparable(store: Store, { id, dataset, protocol, config }: OwnRun): OwnRun | undefined {
  if (!protocol) return undefined;
  const key = comparisonKey(protocol);
  const alike = store.runs
    .completedOn(dataset.fingerprint)
    .filter((other) => other.id !== id && other.protocol && comparisonKey(other.protocol) === key);
  const sources = new Set(namedSources(config).map(([, source]) => source));
  return alike.find((other) => sources.has(other.id)) ?? alike[0];
}

/** Settings with which Popularity is measured by the protocol of a run, for its command line. */
function asEvaluated({ config }: OwnRun): string[] {
  const defaults = resolveConfig('popularity');
  return Object.keys(protocolFields)
    .filter((key) => key in defaults && key in config && config[key] !== defaults[key])
    .map((key) => `--set ${key}=${terminalQuote(String(config[key]))}`);
}
