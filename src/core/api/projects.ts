import { type } from '@orpc/contract';
import { z } from 'zod';
import { nameSchema } from '../names.ts';
import type { Project } from '../store/home/projects.ts';
import { asks, does } from './asking.ts';

export type { Project } from '../store/home/projects.ts';

const description = z.string().trim().max(10_000, 'At most 10,000 characters');

/** What a form of a project asks for. */
export const projectFields = z.object({ name: nameSchema, description: description.default('') });

/** Runs are put into a project by `changes.make` and `queue.enqueue`. */
export const projects = {
  /** By name. */
  list: asks(['projects', 'runs']).output(type<Project[]>()),
  create: does.input(projectFields).output(type<Project>()),
};
