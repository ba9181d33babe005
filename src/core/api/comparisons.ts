import { type } from '@orpc/contract';
import { z } from 'zod';
import { nameSchema } from '../names.ts';
import type { SavedComparison } from '../store/home/comparisons.ts';
import { asks, does } from './asking.ts';

export type { SavedComparison } from '../store/home/comparisons.ts';

const id = z.string().min(1).max(200);

/** What rows are called, by the id of one of their runs. */
export const rowNames = z.record(id, nameSchema).describe('names of rows by the id of one of their runs');

const notes = z.string().trim().max(100_000);

/** What a form of a comparison asks for; its project by name, or empty. */
export const comparisonFields = z.object({ name: nameSchema, notes, project: z.string().trim().max(200) });

/** Comparisons that the user has saved, with what was concluded. `compare.table` computes one. */
export const comparisons = {
  /** By name. */
  list: asks(['comparisons', 'projects']).output(type<SavedComparison[]>()),
  save: does
    .input(
      z.object({
        replaces: id.optional().describe('goes into the trash first, which frees its name'),
        name: nameSchema,
        notes: notes.default(''),
        runs: z.array(id).min(1).max(1000),
        baseline: id.nullable().optional().describe('null for none; undefined for the usual one'),
        metrics: z.array(z.string().min(1).max(200)).max(100).optional(),
        labels: rowNames.optional(),
        project: id.nullable().default(null),
      }),
    )
    .output(type<SavedComparison>()),
};
