import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addRun, completeRun, temporaryStore } from '../../../../test/store/home.ts';
import { adapterParameters } from '../../../core/decoders/decoder.ts';
import { baseFingerprint, requireSameBase } from '../../../core/decoders/pretrained/adapter-base.ts';
import { openCheckpoint, readCheckpoint } from '../../../core/decoders/pretrained/checkpoint.ts';
import { readPeftAdapter } from '../../../core/decoders/pretrained/peft-adapter.ts';
import { writeBase, writeLanguageRun } from '../../../core/families/language/run-files.ts';
import { templates } from '../../../core/families/language/text/template.ts';
import { readJson } from '../../../core/files/json.ts';
import { namedTensors, readFloats, writeSafetensors } from '../../../core/files/safetensors.ts';
import { exportAdapter } from './language-adapter.ts';

/** A checkpoint by transformers and an adapter of it by PEFT: see test/language/write_layouts.py. */
const language = join(import.meta.dirname, '../../../../test/language');

test('the adapter that a run tested is written as PEFT writes it, with the weights that it changes', () => {
  const store = temporaryStore();
  const weights = join(language, 'checkpoints/llama');
  const theirs = join(language, 'adapter');
  const base = openCheckpoint(weights);
  const { adapters, values } = readPeftAdapter(theirs, base.config);
  const config = { weights, loraRank: 3, loraAlpha: 6, loraTargets: 'query,value,down' };
  const { id } = addRun(store, { model: 'brew', name: 'adapted', config });
  const folder = store.runs.folder(id);
  writeLanguageRun(
    folder,
    {
      ...{ stage: 'fine-tuning', decoder: base.config, template: templates.movielens },
      ...{ shots: 20, likeFrom: 4, trainedTasks: ['like'] },
    },
    {},
  );
  writeBase(folder, baseFingerprint(readCheckpoint(base)));
  completeRun(store, id, { selectedEpoch: 1, epochs: 2 });
  const specs = adapterParameters(base.config, adapters);
  for (const [epoch, scale] of [1, -1].entries()) {
    const path = join(folder, `best-${epoch + 1}.safetensors`);
    const scaled = Object.entries(values).map(([name, own]) => [name, own.map((value) => scale * value)]);
    writeSafetensors(path, namedTensors(specs, Object.fromEntries(scaled)));
    store.checkpoints.add(id, { kind: 'best', path, epoch: epoch + 1, step: epoch + 1 });
  }

  const out = join(store.home, 'out');
  expect(exportAdapter(store, 'adapted', out)).toEqual(adapters);
  const tensors = (of: string) => readFloats(join(of, 'adapter_model.safetensors'));
  expect(tensors(out)).toEqual(tensors(theirs));
  const written = readJson(join(out, 'adapter_config.json')) as Record<string, unknown>;
  const asked = readJson(join(theirs, 'adapter_config.json')) as Record<string, unknown>;
  for (const key of ['peft_type', 'task_type', 'r', 'lora_alpha', 'bias', 'fan_in_fan_out'])
    expect([key, written[key]]).toEqual([key, asked[key]]);
  expect([...(written.target_modules as string[])].sort()).toEqual(
    [...(asked.target_modules as string[])].sort(),
  );
  expect(written.base_model_name_or_path).toBe(weights);
  const other = openCheckpoint(join(language, 'checkpoints/llama3'));
  expect(() => requireSameBase(out, weights, readCheckpoint(base))).not.toThrow();
  expect(() => requireSameBase(out, other.path, readCheckpoint(other))).toThrow(/on other weights/);
});

test('an adapter on a model with another adapter worked in is not written: its base is in no file', () => {
  const store = temporaryStore();
  const config = { weights: '/models/base', adapter: '/models/adapter', loraRank: 2 };
  const { id } = addRun(store, { model: 'brew', name: 'second', config });
  completeRun(store, id, {});
  expect(() => exportAdapter(store, id, join(store.home, 'out'))).toThrow(
    /changes \/models\/base with \/models\/adapter worked in, which PEFT does not have/,
  );
});
