/** What differs between the configs of rows. */
import { canonicalJson } from '../../../evaluation/protocol.ts';
import type { ComparedRun, Comparison, ComparisonRow } from '../../types.ts';

/** The config without its seed, which is no difference between the runs of a row. */
export function configWithoutSeed(run: ComparedRun): Record<string, unknown> {
  const { seed: _seed, ...config } = run.config ?? {};
  return config;
}

/** Nested configs as flat keys: {"optimiser": {"lr": 1}} → "optimiser.lr". Lists are values. */
export function flatConfig(config: Record<string, unknown>, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(config)) {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      for (const [inner, text] of flatConfig(value as Record<string, unknown>, `${prefix}${key}.`)) {
        flat.set(inner, text);
      }
    } else {
      flat.set(prefix + key, typeof value === 'string' ? value : canonicalJson(value));
    }
  }
  return flat;
}

/** Keys whose values differ between rows, the model first; one that a row's model does not have differs, too. */
export function configDifferences(
  rows: readonly Pick<ComparisonRow, 'model' | 'runs'>[],
): Comparison['configDifferences'] {
  const configs = rows.map((row) => flatConfig(configWithoutSeed(row.runs[0])));
  const keys = [...new Set(configs.flatMap((config) => [...config.keys()]))].sort();
  const all = [
    { key: 'model', values: rows.map(({ model }): string | null => model) },
    ...keys.map((key) => ({ key, values: configs.map((config) => config.get(key) ?? null) })),
  ];
  return all.filter(({ values }) => new Set(values).size > 1);
}
