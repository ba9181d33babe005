/** Presets that the user has saved: for each of their models what it begins with, and what differs from that. */
import { useState } from 'react';
import { z } from 'zod';
import { Button } from '../components/Button.tsx';
import { InlineName } from '../runs/InlineName.tsx';
import { savedUnder } from '../state/saved.ts';
import { type Config, config, type ModelDraft } from './draft.ts';

export const { useAll, keep: keepPreset } = savedUnder(
  'new-run:presets',
  'preset',
  z.array(z.object({ model: z.string(), preset: z.string(), overrides: config })),
);

/** Those that say something of a model. */
export const useOwnPresets = (model: string) =>
  useAll().flatMap(({ name, view }) =>
    view.filter((one) => one.model === model).map((one) => ({ ...one, name })),
  );

export const isSame = (a: Config, b: Config) =>
  [a, b].every((one) => Object.keys(one).every((key) => JSON.stringify(a[key]) === JSON.stringify(b[key])));

/** Asks in its place for the name; a preset that has it already is replaced. */
export function SaveAsPreset({ models }: { models: readonly ModelDraft[] }) {
  const [naming, setNaming] = useState(false);
  if (!naming)
    return (
      <Button disabled={models.length === 0} onClick={() => setNaming(true)}>
        Save as preset
      </Button>
    );
  return (
    <InlineName
      of="preset"
      name=""
      label="Name of the preset"
      onDone={(name) => {
        setNaming(false);
        if (name !== null) keepPreset(name, [...models]);
      }}
    />
  );
}
