/** What is kept of a plug-in that was agreed to, for every process that does not run it: the hub and the window. */
import { z } from 'zod';
import { setAddedMetrics } from '../evaluation/metrics-table.ts';
import { setAddedModelFacts } from '../model-facts.ts';

const text = z.string().max(1000);

export const pluginDescription = z.object({
  /** Base name of the file, such as "my-model.ts". */
  file: z.string().min(1).max(200),
  /** SHA-256 of the file, hexadecimal. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  models: z.array(z.object({ id: text, title: text, family: z.enum(['next-item']) })),
  losses: z.array(z.object({ id: text, phrase: text })),
  metrics: z.array(
    z.object({
      name: text,
      title: text,
      direction: z.enum(['higher', 'lower', 'none']),
      decimals: z.int().min(0).max(12),
      unit: text,
      formula: text,
      meaning: text,
    }),
  ),
  trackers: z.array(z.object({ kind: text, title: text })),
});

export type PluginDescription = z.output<typeof pluginDescription>;

/** Lets names, titles and directions be known in this process, and nothing be computed. */
export function knowPlugins(descriptions: readonly PluginDescription[]): void {
  setAddedModelFacts(descriptions.flatMap(({ models }) => models));
  setAddedMetrics(descriptions.flatMap(({ metrics }) => metrics));
}

/** "model my-model, loss my-loss" */
export function contentText({ models, losses, metrics, trackers }: PluginDescription): string {
  return [
    ...models.map(({ id }) => `model ${id}`),
    ...losses.map(({ id }) => `loss ${id}`),
    ...metrics.map(({ name }) => `metric ${name}`),
    ...trackers.map(({ kind }) => `tracker ${kind}`),
  ].join(', ');
}
