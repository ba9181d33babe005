/** Every procedure and every command that takes a run, or nothing, answers where there is one of another program, or says in one line why not. */
import { ORPCError } from '@orpc/client';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { contract, USER_ERROR } from '../../src/core/api/contract.ts';
import { runId } from '../../src/core/api/runs.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import { runHere } from '../cli/command-line.ts';
import { startShell } from '../desktop/browser-shell.ts';
import { ENDED, ForeignWriter } from '../store/foreign-writer.ts';
import { temporaryHome } from '../store/home.ts';

type Schema = z.core.JSONSchema.JSONSchema;

/** The shortest input that a schema takes, with this run wherever one is named. */
function shortest(schema: Schema, run: string): unknown {
  const { type, anyOf, const: constant, enum: choices, default: usual } = schema;
  if (schema.description === runId.description) return run;
  if (schema.items && typeof schema.items === 'object' && namesRun(schema))
    return [shortest(schema.items as Schema, run)];
  if (usual !== undefined) return usual;
  if (constant !== undefined) return constant;
  if (choices) return choices[0];
  if (anyOf) return shortest((anyOf.find(namesRun) ?? anyOf[0]) as Schema, run);
  if (type === 'object') {
    const { properties = {}, required = [] } = schema;
    const wanted = Object.entries(properties).filter(
      ([key, value]) => required.includes(key) || namesRun(value),
    );
    return Object.fromEntries(wanted.map(([key, value]) => [key, shortest(value as Schema, run)]));
  }
  if (type === 'array')
    return Array.from({ length: schema.minItems ?? 0 }, () => shortest(schema.items as Schema, run));
  if (type === 'integer' || type === 'number') return schema.minimum ?? 0;
  return type === 'boolean' ? false : type === 'null' ? null : 'x';
}

const namesRun = (schema: unknown) => JSON.stringify(schema).includes(JSON.stringify(runId.description));

interface Procedure {
  path: string[];
  input: Schema;
}

function proceduresWithRuns(node: object, path: string[] = []): Procedure[] {
  const definition = (node as { '~orpc'?: { inputSchema?: z.ZodType } })['~orpc'];
  if (!definition)
    return Object.entries(node).flatMap(([key, value]) => proceduresWithRuns(value, [...path, key]));
  if (!definition.inputSchema) return [{ path, input: {} }];
  const input = z.toJSONSchema(definition.inputSchema, { io: 'input', unrepresentable: 'any' });
  return namesRun(input) ? [{ path, input }] : [];
}

function homeWithForeignRun() {
  const home = temporaryHome();
  openStore(home).close();
  // Of another one nothing is known.
  new ForeignWriter(home, {}, ENDED);
  const writer = new ForeignWriter(home, { model: 'sasrec', dataset: 'beauty', config: { dim: 8 } }, ENDED);
  writer.log('valid/ndcg@10', [1, 2], [0.1, 0.2]);
  writer.write({ type: 'finished', metrics: { 'test/ndcg@10': 0.3 } });
  return { home, id: writer.id };
}

/** Those that answer; all others refuse, as there is nothing of the run that they could use. */
const ANSWERS = [
  ...['fields', 'totals'],
  ...['annotate', 'annotateEach', 'annotations', 'deletion', 'logs', 'rename', 'series', 'show', 'system'],
  ...['tag', 'delete'],
];

/** Lasts, or takes away what the others are asked of. */
const UNASKED = ['events', 'trash.empty'];

it('procedures', async () => {
  const { home, id } = homeWithForeignRun();
  const { client } = await startShell(home);
  const procedures = proceduresWithRuns(contract)
    .filter(({ path }) => !UNASKED.includes(path.join('.')))
    .sort((a, b) => Number(a.path.includes('delete')) - Number(b.path.includes('delete')));
  expect(procedures.length).toBeGreaterThan(40);
  const answered: string[] = [];
  for (const { path, input } of procedures) {
    const [area, name] = path as [keyof typeof client, never];
    const call: (input: unknown) => Promise<unknown> = client[area][name];
    try {
      const answer = await call(shortest(input, id));
      if (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer)
        for await (const _ of answer as AsyncIterable<unknown>);
      answered.push(path.join('.'));
    } catch (error) {
      expect([path.join('.'), input]).not.toEqual([path.join('.'), {}]);
      if (!(error instanceof ORPCError)) throw error;
      expect([path.join('.'), error.code, error.message]).toEqual([
        path.join('.'),
        USER_ERROR,
        expect.stringMatching(/^[^\n]+$/),
      ]);
      expect(error.data).toMatchObject({ problem: expect.not.stringMatching(/undefined|null|\[object/) });
    }
  }
  expect(
    answered
      .filter((path) => path.startsWith('runs.'))
      .map((path) => path.slice(5))
      .sort(),
  ).toEqual(ANSWERS.sort());
});

it('commands', async () => {
  const { home, id } = homeWithForeignRun();
  const refused = [
    ['compare', id, id],
    ['evaluate', id],
    ['recommend', '--run', id, '--user', '1'],
    ['semantic-ids', 'stats', id],
    ['semantic-ids', 'compare', id, id],
    ['semantic-ids', 'export', id],
    ['language', 'evaluate', id],
    ['language', 'complete', id, '--user', '1'],
    ['train', '--resume', id],
  ];
  for (const args of refused) {
    const { code, stderr } = await runHere(['--home', home, ...args]);
    expect([args, code, stderr]).toEqual([
      args,
      1,
      expect.stringMatching(/^[^\n]*(PyTorch 2\.6|no results)[^\n]*\n$/),
    ]);
  }
  const shown = await runHere(['--home', home, 'runs', 'show', id]);
  expect(shown.stdout).toMatch(/Trained by +PyTorch 2\.6[\s\S]*Stated[\s\S]*test\/ndcg@10 +0\.3000/);
  expect((await runHere(['--home', home, 'runs', 'list'])).stdout).toContain('sasrec');
  for (const args of [
    ['runs', 'show', id, '--json'],
    ['runs', 'list', '--json'],
    ['projects', 'create', 'paper'],
    ['projects', 'add', 'paper', id],
    ['projects', 'remove', id],
    ['runs', 'delete', id],
  ])
    expect([args, (await runHere(['--home', home, ...args])).stderr]).toEqual([args, '']);
});
