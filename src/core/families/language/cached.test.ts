import { afterAll, beforeAll, expect, test } from 'vitest';
import { Decoder } from '../../decoders/decoder.ts';
import { OnnxDeviceContext } from '../../engine/devices/onnx-session.ts';
import { initialise } from '../../layers/index.ts';
import { Random } from '../../math/random.ts';
import { CachedDecoder } from './cached.ts';
import { LanguageScorer } from './sequence-scorer.ts';

const decoder = new Decoder({
  vocabulary: 19,
  dim: 16,
  blocks: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 4,
  ffnDim: 24,
  context: 128,
  tiedHead: true,
  ropeTheta: 10000,
  normEpsilon: 1e-6,
  windows: [24, null],
  headNorms: true,
  biases: ['query', 'value'],
  experts: { count: 3, used: 2, balance: 0 },
});
const device = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
const scorer = new LanguageScorer(decoder, device, 2);
const cached = new CachedDecoder(decoder, device);
const random = new Random(1);
const draw = (length: number) => Array.from({ length }, () => random.below(19));
const every = Array.from({ length: 19 }, (_, id) => id);

beforeAll(async () => {
  const values = initialise(decoder.parameters, 2);
  // Larger than training begins with, so that attention matters.
  const entries = Object.entries(decoder.parameters).map(([name, spec]) => {
    const data = name.endsWith('scale') ? values[name] : values[name].map((x) => 15 * x);
    return [name, { spec, data }] as const;
  });
  await device.load(Object.fromEntries(entries));
});
afterAll(() => device.dispose());

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  const worst = Math.max(...Array.from(expected, (value, i) => Math.abs(value - actual[i])));
  expect(worst).toBeLessThan(2e-5);
}

test('candidates after a kept prompt score as whole prompts do, and leave it as it is', async () => {
  const prompt = draw(80);
  const candidates = Array.from({ length: 30 }, (_, i) => draw(1 + (i % 17)));
  await cached.begin(prompt);
  const found = await cached.candidates(candidates, every);
  const expected = await scorer.nextTokens(
    candidates.map((own) => Int32Array.from([...prompt, ...own])),
    every,
  );
  for (const [i, own] of found.entries()) expectClose(own, expected[i]);
  const [next] = await scorer.nextTokens([Int32Array.from(prompt)], every);
  expectClose(cached.next, next);
  // A shorter prompt after a longer one sees nothing of it.
  const other = draw(5);
  await cached.begin(other);
  const [again] = await cached.candidates([[3, 4]], every);
  const [wanted] = await scorer.nextTokens([Int32Array.from([...other, 3, 4])], every);
  expectClose(again, wanted);
});

test('writing token after token equals reading everything again, and ends at the end or the context', async () => {
  const prompt = draw(70);
  await cached.begin(prompt);
  const made = await cached.generate({ tokens: 6, temperature: 0, random: new Random(1) }, -1);
  const text = [...prompt];
  for (const id of made) {
    const [logs] = await scorer.nextTokens([Int32Array.from(text)], every);
    expect(logs.indexOf(Math.max(...logs))).toBe(id);
    text.push(id);
  }
  expect(made).toHaveLength(6);
  await cached.begin(prompt);
  expect(await cached.generate({ tokens: 6, temperature: 0, random: new Random(1) }, made[0])).toEqual([]);
  await cached.begin(draw(127));
  expect(await cached.generate({ tokens: 6, temperature: 1, random: new Random(1) }, -1)).toHaveLength(1);
  await expect(cached.begin(draw(129))).rejects.toThrow(/129 tokens exceed the context of 128/);
});
