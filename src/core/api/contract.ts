/**
 * The contract between the window and the process that serves it: every procedure with its input (checked by
 * zod at the edge) and its output. The same contract runs over a MessagePort in the desktop shell and over a
 * WebSocket in the browser shell.
 */
import type { ContractRouterClient } from '@orpc/contract';
import { eventIterator, oc, type } from '@orpc/contract';
import { codebooks } from './codebooks.ts';
import { compare } from './compare.ts';
import { datasets } from './datasets.ts';
import type { AppEvent } from './events.ts';
import { language } from './language.ts';
import { devices, models } from './models.ts';
import { published } from './published.ts';
import { queue } from './queue.ts';
import { recommend } from './recommend.ts';
import { runs } from './runs.ts';
import { settings } from './settings.ts';
import { studies } from './studies.ts';

export const contract = {
  datasets,
  models,
  devices,
  runs,
  queue,
  compare,
  codebooks,
  published,
  studies,
  recommend,
  language,
  settings,
  /** Lasts until the window ends it. */
  events: oc.output(eventIterator(type<AppEvent>())),
};

export type Contract = typeof contract;

/** What the window calls. */
export type ApiClient = ContractRouterClient<Contract>;

/** Code of the error that carries a message for the user. Any other error is a defect of the program. */
export const USER_ERROR = 'USER';
