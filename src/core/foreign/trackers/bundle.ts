/** Runs of a bundle of Tessera, as that of another program: what it states of them, without their ranks. */
import { isBundle, readBundle } from '../../reproduce/bundle-file.ts';
import type { Recipe } from '../../reproduce/recipe.ts';
import type { TrackerListener } from './told.ts';

export const isBundleFile = (path: string) => /\.zip$/i.test(path) && isBundle(path);

export function readBundles(files: readonly string[], to: TrackerListener): void {
  for (const file of files) {
    const { title, recipe } = readBundle(file);
    const names = new Map(recipe.datasets.map(({ fingerprint, name }) => [fingerprint, name]));
    for (const run of recipe.runs)
      if (recipe.rows.includes(run.id)) {
        const { endedAt, seconds, environment, versions } = run;
        const ended = endedAt ?? undefined;
        tell(run, to, title, {
          ...{ program: `Tessera ${versions.at(-1) ?? recipe.version}`, dataset: names.get(run.dataset) },
          ...{ endedAt: ended, environment: environment ?? {} },
          startedAt: ended === undefined || seconds === null ? undefined : ended - 1000 * seconds,
        });
      }
    for (const { program, ...other } of recipe.others)
      tell(other, to, title, { program, dataset: other.dataset ?? undefined });
  }
}

type Told = Pick<Recipe['others'][number], 'id' | 'name' | 'model' | 'seed' | 'config' | 'metrics'>;

function tell(
  { id, name, model, seed, config, metrics }: Told,
  to: TrackerListener,
  project: string,
  facts: Parameters<TrackerListener['facts']>[1],
): void {
  const stated = Object.entries(metrics).filter((entry): entry is [string, number] => entry[1] !== null);
  to.facts(id, {
    ...{ name, project, model: model ?? undefined, seed: seed ?? undefined, config: config ?? {} },
    ...{ status: 'completed', stated: Object.fromEntries(stated), ...facts },
  });
}
