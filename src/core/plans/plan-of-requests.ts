/** What was asked of a new run as a plan: its models in one table a split, and what is varied as their search space. */
import { stringify } from 'yaml';
import { splitFields } from '../data/splits/index.ts';
import type { SweepQuestion } from '../store/home/study-spec.ts';
import { PLAN_LAYOUT, splitText } from './plan-layout.ts';

export interface AskedModel {
  model: string;
  preset?: string;
  /** Settings beside the preset, those of the split among them. */
  overrides: Readonly<Record<string, unknown>>;
  dataset: string;
  seeds: readonly number[];
  /** Of a search; `vary` as the command line takes it. */
  search?: Pick<SweepQuestion, 'search' | 'trials' | 'draw' | 'asha' | 'stop'> & {
    vary: readonly { key: string; values: string }[];
  };
}

/** Equal for equal splits, in whatever order their settings were made. */
const keyOf = (split: object) => JSON.stringify(Object.entries(split).sort());

const isSplit = (key: string) => Object.hasOwn(splitFields, key) || key === 'targets';

/** All are of one data set. */
export function planOfRequests(asked: readonly AskedModel[], name: string): string {
  const rows = asked.map((one) => {
    const entries = Object.entries(one.overrides);
    return {
      ...one,
      split: { split: 'leave-last-out', ...Object.fromEntries(entries.filter(([key]) => isSplit(key))) },
      settings: Object.fromEntries(entries.filter(([key]) => !isSplit(key))),
    };
  });
  const splits = new Map(rows.map(({ split }) => [keyOf(split), split]));
  const seeds = [...new Set(asked.flatMap((one) => one.seeds))].sort((a, b) => a - b);
  const searched = asked.find(({ search }) => search)?.search;
  const plan = {
    plan: name,
    tables: [...splits].map(([key, split]) => {
      const here = rows.filter((row) => keyOf(row.split) === key).map(({ model }) => model);
      return {
        data: asked[0].dataset,
        split: splitText(split),
        ...(here.length < rows.length && { models: here }),
      };
    }),
    models: rows.map(({ model, preset, settings, search, seeds: own }) => {
      const rest = {
        ...(preset !== undefined && { preset }),
        ...(Object.keys(settings).length > 0 && { settings }),
        ...(search && { space: Object.fromEntries(search.vary.map(({ key, values }) => [key, values])) }),
        ...(own.join() !== seeds.join() && { seeds: own }),
      };
      return Object.keys(rest).length === 0 ? model : { [model]: rest };
    }),
    ...(searched && { search: searchOf(searched) }),
    seeds,
  };
  return stringify(plan, PLAN_LAYOUT);
}

const searchOf = ({ search: propose, trials, draw, asha, stop }: NonNullable<AskedModel['search']>) => ({
  propose,
  ...(propose !== 'grid' && { trials, draw }),
  ...(asha && { asha }),
  ...(stop && { stop }),
});
