/** Asks every procedure that takes a run, or nothing, of the window's contract. */
import { ORPCError } from '@orpc/client';
import { expect } from 'vitest';
import { z } from 'zod';
import { contract, USER_ERROR } from '../../src/core/api/contract.ts';
import { runId } from '../../src/core/api/runs.ts';
import { startShell } from '../desktop/browser-shell.ts';

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

/** Lasts, or takes away what the others are asked of. */
const UNASKED = ['events', 'trash.empty'];

/** Names of those that answered; the others refused in one line, or the test fails. Deletes the run at the end. */
export async function askEverything(
  home: string,
  id: string,
): Promise<{ asked: number; answered: string[] }> {
  const { client } = await startShell(home);
  const procedures = proceduresWithRuns(contract)
    .filter(({ path }) => !UNASKED.includes(path.join('.')))
    .sort((a, b) => Number(a.path.includes('delete')) - Number(b.path.includes('delete')));
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
  return { asked: procedures.length, answered };
}
