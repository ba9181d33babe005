/** How the hub calls the analyst's process. */
import type { ClientContext, ClientLink, ClientOptions } from '@orpc/client';
import { getContractRouter, getEventIteratorSchemaDetails, isContractProcedure } from '@orpc/contract';
import { type AnalystContext, analystContract } from '../../core/api/analyst.ts';
import { readableFolder } from '../../core/files/readable.ts';
import { analystEntry } from '../workers/entries.ts';
import type { LaunchWorker } from '../workers/launch.ts';
import type { AnalystTasks } from '../workers/messages.ts';
import { withProgress } from '../workers/progress.ts';
import { TaskClient } from '../workers/tasks.ts';

/** Calls procedures of the analyst's contract. Its process starts with the first call, and again after it has died. */
export class AnalystLink implements ClientLink<ClientContext> {
  readonly #tasks: TaskClient<AnalystTasks>;
  readonly #context: () => Omit<AnalystContext, 'readable'>;

  constructor(launch: LaunchWorker, context: () => Omit<AnalystContext, 'readable'>) {
    this.#tasks = new TaskClient(launch, analystEntry(), 'the analyst');
    this.#context = context;
  }

  /** Throws what the procedure throws, and UserError if the process died. */
  async call(
    path: readonly string[],
    input: unknown,
    { signal }: Pick<ClientOptions<ClientContext>, 'signal'>,
  ): Promise<unknown> {
    const request = { path, input, context: { ...this.#context(), readable: readableFolder() } };
    if (!reportsProgress(path)) return this.#tasks.call('call', request, { signal });
    return withProgress((onProgress) => this.#tasks.call('call', request, { signal, onProgress }));
  }

  /** Ends the process; calls that wait are rejected as cancelled. */
  stop(): void {
    this.#tasks.stop();
  }
}

function reportsProgress(path: readonly string[]): boolean {
  const procedure = getContractRouter(analystContract, path);
  return (
    isContractProcedure(procedure) &&
    getEventIteratorSchemaDetails(procedure['~orpc'].outputSchema) !== undefined
  );
}
