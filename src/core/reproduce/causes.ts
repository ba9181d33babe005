/** Why numbers that were made again are other ones: what a run rested on then and now, the most probable cause first. */
import { canonicalJson } from '../evaluation/protocol.ts';
import { settingTitle } from '../setting-words.ts';
import { type Condition, MARKS, runConditions, shortHash } from './conditions.ts';
import type { RecipeRun } from './recipe.ts';

/** What is the same is ruled out, and comes last. */
export function likelyCauses(earlier: RecipeRun, now: RecipeRun): Condition[] {
  const processor = now.processors.at(-1);
  const conditions = runConditions(
    earlier,
    {
      version: now.versions.join(', then '),
      processor: processor ?? { model: 'not recorded', instructions: '' },
      node: String(now.environment?.node ?? 'not recorded'),
      platform: String(now.environment?.platform ?? 'not recorded'),
      onnxruntime: textOf(now.environment?.onnxruntime),
      tfjs: textOf(now.environment?.tfjs),
    },
    {
      ...{ seed: now.seed, threads: now.threads, device: now.device ?? 'not recorded', files: [] },
      settings: { added: Object.keys(now.config).filter((key) => !Object.hasOwn(earlier.config, key)) },
      plugins: now.plugins.map((plugin) => plugin.split(' ')[1] ?? ''),
    },
  );
  const all = [...changedSettings(earlier, now), sequences(earlier, now), ...conditions];
  const weight = ({ mark }: Condition) => MARKS.indexOf(mark);
  // Within a kind in the order in which they are told before a training.
  return all.toSorted((one, other) => order(weight(one)) - order(weight(other)));
}

const textOf = (version: string | number | undefined) =>
  version === undefined ? undefined : String(version);

/** From what changes numbers for sure to what cannot. */
const order = (weight: number) => (weight === 0 ? 1 : -weight);

function changedSettings({ config: then }: RecipeRun, { config: now }: RecipeRun): Condition[] {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.keys(then)
    .filter((key) => Object.hasOwn(now, key) && canonicalJson(then[key]) !== canonicalJson(now[key]))
    .map((key) => ({
      ...{ what: settingTitle(key), earlier: text(then[key]), mark: 'cannot', now: text(now[key]) },
      means: 'another setting',
    }));
}

function sequences({ dataset: then }: RecipeRun, { dataset: now }: RecipeRun): Condition {
  const line = { what: 'Sequences and their order', earlier: shortHash(then), now: shortHash(now) };
  return then === now
    ? { ...line, mark: 'same', means: 'the same fingerprint' }
    : { ...line, mark: 'cannot', means: 'other data, or ties in another order' };
}
