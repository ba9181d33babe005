/** Every way of decoding of t5 fixtures, against the generation of Hugging Face. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { tokensOf } from '../../src/core/families/generative/search/beam-search.ts';
import type { CodeDecoder } from '../../src/core/families/generative/models/t5-decoder.ts';
import type { Tiger } from '../../src/core/families/generative/models/tiger.ts';
import type { BeamResult } from '../../src/core/families/traced-decoding.ts';
import { PrefixTrie } from '../../src/core/semantic-ids/trie.ts';
import { onCpu, type Run, runCase, runnerOf } from '../../src/core/golden/driver.ts';
import { t5Table } from '../../src/core/golden/tables/codes.ts';
import { Golden } from '../../src/core/golden/tensor-compare.ts';

const BEAMS = 5;

const sequence = z.object({
  tokens: z.array(z.number().int().nonnegative()),
  sequences_score: z.number().optional(),
  sum_logprob_full_vocab: z.number(),
});

const form = z.object({
  catalogue_sum_logprob_full_vocab: z.array(z.array(z.number())),
  greedy: z.array(sequence.transform((one) => [one])),
  beam5_free: z.array(z.array(sequence)),
  beam5_free_eos0: z.array(z.array(sequence)),
  beam5_constrained: z.array(z.array(sequence)),
  beam5_constrained_renormalised: z.array(z.array(sequence)),
});

interface Found {
  tokens: readonly number[];
  sum: number;
  score: number;
  /** Tuples of the catalogue that the tokens are. */
  tuples: ArrayLike<number>;
}

/** The sequences of every row, best first. */
function sequencesOf({ levels, ended }: BeamResult, width: number, trie: PrefixTrie): Found[][] {
  if (ended.length > 0) return ended.map((row) => row.map((one) => ({ ...one, tuples: [] })));
  const { scores, nodes } = levels[levels.length - 1];
  return Array.from({ length: scores.length / width }, (_, row) =>
    Array.from({ length: width }, (_, i) => row * width + i)
      .filter((beam) => scores[beam] > Number.NEGATIVE_INFINITY)
      .map((beam) => ({
        tokens: tokensOf(levels, beam),
        sum: scores[beam],
        score: scores[beam] / levels.length,
        tuples: nodes[beam] < 0 ? [] : trie.tuples(levels.length, nodes[beam]),
      })),
  );
}

/** Decodes with the fixture's parameters, as when recommending. */
async function compareDecoding(run: Run): Promise<void> {
  const { golden, subject, parameters } = run;
  const decode = golden.read(form, 'decode');
  const tuples = golden.read(z.array(z.array(z.number())), 'inputs', 'valid_tuples');
  const trie = new PrefixTrie(Int32Array.from(tuples.flat()), tuples[0].length);
  await onCpu(async (context) => {
    await parameters.load(runnerOf(context, subject));
    const search = async (width: number, options: Parameters<CodeDecoder['search']>[1]) => {
      const decoder = (subject.model as Tiger).decoder(context, { ...subject.shape, width });
      return sequencesOf(await decoder.search(subject.inputs, options), width, trie);
    };
    const all = await search(trie.size, { mode: 'masked', trie });
    decode.catalogue_sum_logprob_full_vocab.forEach((theirs, row) => {
      const sums = new Float64Array(theirs.length).fill(Number.NaN);
      for (const { tuples, sum } of all[row]) for (const tuple of Array.from(tuples)) sums[tuple] = sum;
      golden.compare('output', `decode.catalogue_sum_logprob_full_vocab.${row}`, sums, theirs);
    });
    const ways = {
      greedy: await search(1, { mode: 'free' }),
      beam5_free: await search(BEAMS, { mode: 'free' }),
      beam5_free_eos0: await search(BEAMS, { mode: 'free', endToken: 0 }),
      beam5_constrained: await search(BEAMS, { mode: 'masked', trie }),
      beam5_constrained_renormalised: await search(BEAMS, { mode: 'renormalised', trie }),
    };
    for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
      decode[way].forEach((theirs, row) => {
        const sumOf = ({ tokens }: Found) => all[row].find((one) => `${one.tokens}` === `${tokens}`)?.sum;
        const ours = ways[way][row].map((one) =>
          way.endsWith('renormalised') ? { ...one, sum: sumOf(one) ?? Number.NaN } : one,
        );
        compareSequences(run, `decode.${way}.${row}`, theirs, ours);
      });
    }
  });
}

function compareSequences(
  { golden }: Run,
  path: string,
  theirs: z.output<typeof sequence>[],
  ours: Found[],
): void {
  // What follows an end token is padding.
  const length = Math.max(...theirs.map(({ tokens }) => tokens.length));
  const all = (rows: readonly { tokens: readonly number[] }[]) =>
    rows.flatMap(({ tokens }) => Array.from({ length }, (_, i) => tokens[i] ?? 0));
  golden.compare('output', `${path}.tokens`, all(ours), all(theirs));
  const sums = theirs.map((one) => one.sum_logprob_full_vocab);
  golden.compare(
    'output',
    `${path}.sum`,
    ours.map(({ sum }) => sum),
    sums,
  );
  const scores = theirs.flatMap(({ sequences_score: score }) => score ?? []);
  if (scores.length < theirs.length) return;
  golden.compare(
    'output',
    `${path}.sequences_score`,
    ours.map(({ score }) => score),
    scores,
  );
}

const folder = process.env.TESSERA_GOLDEN ?? join(import.meta.dirname, '../../../shared/golden');
const path = join(folder, 't5-a.json');

test.skipIf(!existsSync(path))('every way of decoding agrees with the reference', async () => {
  const fixture = JSON.parse(readFileSync(path, 'utf8'));
  const check = async () => {
    const golden = new Golden('t5', fixture);
    await compareDecoding(await runCase(golden, t5Table, ''));
    return golden.result();
  };
  const { errors, pass } = await check();
  expect(Object.entries(errors).filter(([, error]) => error > 1e-5)).toEqual([]);
  // The catalogue, greedy (no score per token) and four beams of three users.
  expect(Object.keys(errors)).toHaveLength(3 * (1 + 2 + 4 * 3));
  expect(pass).toBe(true);

  fixture.decode.beam5_constrained_renormalised[1][0].sequences_score *= 1.01;
  expect((await check()).pass).toBe(false);
});
