/**
 * The contract between the window and the hub: every procedure with its input (checked by zod at the edge) and its output.
 * It runs over a MessagePort on the desktop and over a WebSocket in the browser. Each area says which of its procedures
 * the hub answers itself, and which ones it forwards to the analyst.
 */
import type { ContractRouter, ContractRouterClient } from '@orpc/contract';
import { eventIterator, type } from '@orpc/contract';
import { does, type Meta } from './asking.ts';
import { changes } from './changes.ts';
import { codebooks } from './codebooks.ts';
import { compare } from './compare.ts';
import { comparisons } from './comparisons.ts';
import { datasets } from './datasets.ts';
import type { AppEvent } from './events.ts';
import { hosts } from './hosts.ts';
import { language } from './language.ts';
import { devices, models } from './models.ts';
import { plans } from './plans.ts';
import { projects } from './projects.ts';
import { published } from './published.ts';
import { queue } from './queue.ts';
import { recommend } from './recommend.ts';
import { reproduce } from './reproduce.ts';
import { results } from './results.ts';
import { runs } from './runs.ts';
import { settings } from './settings.ts';
import { studies } from './studies.ts';
import { trash } from './trash.ts';
import { work } from './work.ts';

/** What the hub forwards: all that is too heavy for the process that answers the window. */
export const forwardedContract = {
  datasets: datasets.analyst,
  models: models.analyst,
  runs: runs.analyst,
  compare: compare.analyst,
  codebooks: codebooks.analyst,
  studies: studies.analyst,
  recommend,
  reproduce: reproduce.analyst,
  results,
  language: language.analyst,
  plans: plans.analyst,
};

/** What the hub answers itself. */
export const ownContract = {
  datasets: datasets.hub,
  models: models.hub,
  runs: runs.hub,
  changes,
  projects,
  comparisons,
  trash,
  queue,
  work,
  compare: compare.hub,
  published,
  codebooks: codebooks.hub,
  devices,
  reproduce: reproduce.hub,
  studies: {
    ...studies.hub,
    // The analyst makes the runs, and the queue hears of them.
    create: studies.analyst.create,
    resume: studies.analyst.resume,
    pause: studies.analyst.pause,
    extend: studies.analyst.extend,
    testFinalists: studies.analyst.testFinalists,
  },
  plans: plans.hub,
  language: language.hub,
  settings,
  hosts,
  /** Lasts until the window ends it. */
  events: does.output(eventIterator(type<AppEvent>())),
};

export const contract = {
  ...forwardedContract,
  ...ownContract,
  datasets: { ...datasets.hub, ...datasets.analyst },
  models: { ...models.hub, ...models.analyst },
  runs: { ...runs.hub, ...runs.analyst },
  compare: { ...compare.hub, ...compare.analyst },
  codebooks: { ...codebooks.hub, ...codebooks.analyst },
  reproduce: { ...reproduce.hub, ...reproduce.analyst },
  studies: { ...studies.hub, ...studies.analyst },
  plans: { ...plans.hub, ...plans.analyst },
  language: { ...language.hub, ...language.analyst },
} satisfies ContractRouter<Meta>;

export type Contract = typeof contract;

/** What the window calls. */
export type ApiClient = ContractRouterClient<Contract>;

/** Code of the error whose data are the parts of a UserError. Any other error is a defect of the program. */
export const USER_ERROR = 'USER';
export { composeMessage, type ErrorDetails, errorDetailsSchema } from '../errors.ts';
