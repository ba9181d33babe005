/** A new run as a search around a run, or as a search or a study was, to be changed. */
import { publishedSettings, type StudyEntry } from '../../core/api/studies.ts';
import { sameAgain } from '../runs/run-words.ts';
import { client } from '../state/api.ts';
import { attempt } from '../state/toasts.ts';
import type { RunTemplate } from './draft.ts';
import { openNewRun } from './new-run.ts';
import type { SearchTemplate } from './searches.ts';

type Spec = StudyEntry['spec'];

/** A search around the settings of a run. */
export function searchAround(id: string): void {
  void attempt('Could not read the run', async () => {
    const { run } = await client.runs.show({ run: id });
    if (run.kind === 'own') openNewRun({ ...sameAgain(run), varies: 'setting' });
  });
}

/** The same search or study. */
export function studyAgain(spec: Spec): RunTemplate {
  const { dataset, seeds, device, on, job, overrides, sizes } = spec;
  const shared = { dataset: dataset.name, seeds, device, place: on ?? null, job, overrides };
  const again = againOf(spec);
  if (spec.kind !== 'base-large') return { ...shared, model: spec.model, preset: spec.preset, again };
  const [model, ...others] = new Set(sizes.flatMap(({ variant }) => variant?.model ?? []));
  return { ...shared, model, others, again };
}

function againOf({ kind, sweep, sizes, shares }: Spec): SearchTemplate['again'] {
  if (sweep) {
    const { vary, search: by, trials, draw, asha, stop } = sweep;
    const rules = { asha: String(asha?.min ?? ''), unimproved: String(stop?.unimproved ?? '') };
    return { vary, search: { by, trials: String(trials), draw: String(draw), ...rules } };
  }
  if (kind === 'base-large') {
    const blocks = [sizes[0], sizes[sizes.length - 1]].map(({ config }) => String(config.blocks));
    return { scaling: { blocks: { on: true, values: blocks }, published: publishedSettings(sizes) } };
  }
  const labels = sizes.map(({ label }) => label);
  const parts = shares.map((share) => String(Number((100 * share).toPrecision(12))));
  return {
    scaling: {
      sizes: { on: labels.length > 1, values: labels },
      shares: { on: parts.length > 1 || labels.length < 2, values: parts },
    },
  };
}
