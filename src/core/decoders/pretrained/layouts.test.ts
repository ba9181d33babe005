import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lossAndGradients } from '../../../../test/language/loss-and-gradients.ts';
import { OnnxDeviceContext } from '../../engine/devices/onnx-session.ts';
import type { HostArrays } from '../../engine/index.ts';
import { readFloats, readShapes } from '../../files/safetensors.ts';
import { StepRunner } from '../../training/step-runner.ts';
import { Decoder } from '../decoder.ts';
import { openCheckpoint, readCheckpoint } from './checkpoint.ts';
import { hubRecipe } from './hub-names.ts';
import { cooked, type TensorFiles } from './matrices.ts';
import { peftValues, readPeftAdapter, writePeftAdapter } from './peft-adapter.ts';

const language = join(import.meta.dirname, '../../../../test/language');
/** Checkpoints that transformers wrote, with what it computed: see test/language/write_layouts.py. */
const folder = join(language, 'checkpoints');
/** Written by the Python package gguf, with what transformers computed: see test/language/write_gguf.py. */
const ggufFolder = join(language, 'gguf');

const home = mkdtempSync(join(tmpdir(), 'tessera-layouts-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Expected {
  tokens: number[][];
  logits: number[];
  losses: number[];
}

/** Rows of one sequence each, of which every token but the last predicts the next. */
function batchOf(tokens: readonly (readonly number[])[]): HostArrays {
  const [rows, length] = [tokens.length, tokens[0].length];
  const cells = tokens.flat();
  const isLast = (cell: number) => cell % length === length - 1;
  return {
    ids: Int32Array.from(cells),
    segments: new Int32Array(cells.length).fill(1),
    positions: Int32Array.from(cells, (_, cell) => cell % length),
    places: Int32Array.from(cells.keys()),
    targets: Int32Array.from(cells, (_, cell) => (isLast(cell) ? 0 : cells[cell + 1])),
    weights: Float32Array.from(cells, (_, cell) => (isLast(cell) ? 0 : 1 / (rows * (length - 1)))),
  };
}

/** Largest difference, as a share of the largest expected value. */
function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const values = Array.from(expected);
  expect(actual.length).toBe(values.length);
  const scale = Math.max(...values.map(Math.abs));
  return Math.max(...values.map((value, i) => Math.abs(value - actual[i]))) / scale;
}

const each = readdirSync(folder);

test.each(each)('%s has the logits, losses, gradients and steps of transformers', async (name) => {
  const path = join(folder, name);
  const checkpoint = openCheckpoint(path);
  const decoder = new Decoder(checkpoint.config);
  await expectSame(decoder, readCheckpoint(checkpoint), path, (files, has, ours) =>
    cooked(files, hubRecipe(ours, decoder.config, has), decoder.parameters[ours].shape),
  );
});

/** A copy of a checkpoint whose config.json says what older versions of transformers wrote, `kind` under this key. */
function inOldStyle(name: string, kind: 'type' | 'rope_type'): string {
  const path = mkdtempSync(join(home, 'old-'));
  cpSync(join(folder, name), path, { recursive: true });
  const config = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'));
  const { rope_theta, rope_type, ...numbers } = config.rope_parameters;
  const rope_scaling = rope_type === 'default' ? null : { ...numbers, [kind]: rope_type };
  writeFileSync(
    join(path, 'config.json'),
    JSON.stringify({ ...config, rope_parameters: undefined, rope_theta, rope_scaling }),
  );
  return path;
}

async function logitsOf(path: string, tokens: readonly (readonly number[])[]) {
  const checkpoint = openCheckpoint(path);
  const decoder = new Decoder(checkpoint.config);
  return await lossAndGradients(decoder, batchOf(tokens), readCheckpoint(checkpoint), tokens[0].length);
}

const scaled = ['llama', 'llama3', 'llama-linear'];

test.each(scaled.flatMap((name) => (['type', 'rope_type'] as const).map((kind) => [name, kind] as const)))(
  '%s with a config in the old style, by %s, has the logits of transformers',
  async (name, kind) => {
    const { tokens, logits } = JSON.parse(
      readFileSync(join(folder, name, 'expected.json'), 'utf8'),
    ) as Expected;
    const found = await logitsOf(inOldStyle(name, kind), tokens);
    expect(worst(found.logits, logits)).toBeLessThan(1e-5);
  },
);

test('an adapter on llama has the logits, losses, gradients and steps of PEFT', async () => {
  const path = join(language, 'adapter');
  const checkpoint = openCheckpoint(join(folder, 'llama'));
  const { adapters, values } = readPeftAdapter(path, checkpoint.config);
  expect(adapters).toEqual({ rank: 3, alpha: 6, targets: ['query', 'value', 'down'] });
  const decoder = new Decoder(checkpoint.config, { adapters });
  const whole = { ...readCheckpoint(checkpoint), ...values };
  await expectSame(
    decoder,
    whole,
    path,
    (files, _, ours) => peftValues(files, decoder.config, adapters)[ours],
  );

  const again = join(home, 'again');
  writePeftAdapter(again, { adapters, values }, checkpoint.config, 'llama');
  expect(readPeftAdapter(again, checkpoint.config)).toEqual({ adapters, values });
  const tensors = (of: string) => readFloats(join(of, 'adapter_model.safetensors'));
  expect(tensors(again)).toEqual(tensors(path));
});

/** Compares a decoder with what transformers computed; `of` makes a parameter of ours of the tensors there. */
async function expectSame(
  decoder: Decoder,
  values: HostArrays,
  path: string,
  of: (files: TensorFiles, has: (name: string) => boolean, ours: string) => Float32Array,
): Promise<void> {
  const { tokens, logits, losses } = JSON.parse(
    readFileSync(join(path, 'expected.json'), 'utf8'),
  ) as Expected;
  const inputs = batchOf(tokens);
  const found = await lossAndGradients(decoder, inputs, values, tokens[0].length);
  expect(worst(found.logits, logits)).toBeLessThan(1e-5);
  expect(Math.abs(found.loss[0] / losses[0] - 1)).toBeLessThan(1e-5);

  const live = expectedTensors(join(path, 'expected.safetensors'));
  const wanted = (ours: string, kind: 'grad' | 'after') => {
    const { files, has } = live(kind);
    return of(files, has, ours);
  };
  for (const ours of Object.keys(decoder.parameters))
    expect([ours, worst(found[ours], wanted(ours, 'grad')) < 1e-4]).toEqual([ours, true]);

  const after = await trained(decoder, values, inputs, tokens);
  losses.forEach((loss, step) => {
    expect(Math.abs(after.losses[step] / loss - 1)).toBeLessThan(1e-4);
  });
  for (const ours of Object.keys(decoder.parameters))
    expect([ours, worst(after.values[ours], wanted(ours, 'after')) < 1e-4]).toEqual([ours, true]);
}

const ggufExpected = JSON.parse(readFileSync(join(ggufFolder, 'expected.json'), 'utf8')) as {
  tokens: number[];
  logits: Record<string, number[]>;
};

test.each(Object.entries(ggufExpected.logits))(
  '%s in a GGUF file has the logits of transformers',
  async (name, logits) => {
    const found = await logitsOf(join(ggufFolder, `${name}.gguf`), [ggufExpected.tokens]);
    expect(worst(found.logits, logits)).toBeLessThan(1e-5);
  },
);

function expectedTensors(path: string) {
  const shapes = readShapes(path);
  return (kind: 'grad' | 'after') => {
    const has = (name: string) => Object.hasOwn(shapes, `${kind}/${name}`);
    const files = {
      pathOf: () => path,
      typeOf: () => 'F32',
      shapes: Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => [name.slice(kind.length + 1), shape]),
      ),
      read: (name: string) => {
        const whole = `${kind}/${name}`;
        return readFloats(path, (other) => other === whole)[whole].data as Float32Array;
      },
    };
    return { files, has };
  };
}

/** Three steps of AdamW at 0.01 with a decay of 0.01 on every parameter. */
async function trained(
  decoder: Decoder,
  values: HostArrays,
  inputs: HostArrays,
  tokens: readonly (readonly number[])[],
) {
  const device = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
  const config = {
    ...{ optimiser: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 0 },
  } as ConstructorParameters<typeof StepRunner>[1];
  const runner = new StepRunner(decoder, config, device, 1);
  await runner.load(values);
  const [rows, length] = [tokens.length, tokens[0].length];
  const batch = {
    shape: { rows, length },
    users: new Int32Array(rows).fill(-1),
    tokens: rows * length,
    inputs,
  };
  const losses: number[] = [];
  for (let step = 1; step <= 3; step++) losses.push(await runner.step(step, 0.01, [batch]));
  const read = await device.read(Object.keys(decoder.parameters));
  await device.dispose();
  return { losses, values: read };
}
