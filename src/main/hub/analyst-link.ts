/** How the hub calls the analyst's process. */
import type { ClientContext, ClientLink, ClientOptions } from '@orpc/client';
import { getContractRouter, getEventIteratorSchemaDetails, isContractProcedure } from '@orpc/contract';
import { type AnalystCall, type AnalystContext, analystContract } from '../../core/api/analyst.ts';
import { readableFolders } from '../../core/files/readable.ts';
import { processEntry } from '../../core/process-entry.ts';
import { CallClient } from '../workers/calls.ts';
import type { LaunchWorker } from '../workers/launch.ts';
import { withProgress } from '../workers/progress.ts';

export type AnalystProcess = CallClient<AnalystCall, object, unknown>;

/** Calls procedures of the analyst's contract. Its process starts with the first call, and again after it has died. */
export class AnalystLink implements ClientLink<ClientContext> {
  readonly #process: AnalystProcess;
  readonly #context: () => Omit<AnalystContext, 'readable'>;
  readonly #onDeed: (input: unknown) => void;

  /** `onDeed` is called after each call that was no question; `process`: one that the link of another home leaves to this one. */
  constructor(
    launch: LaunchWorker,
    context: () => Omit<AnalystContext, 'readable'>,
    { onDeed = () => {}, process }: { onDeed?(input: unknown): void; process?: AnalystProcess } = {},
  ) {
    const entry = processEntry(import.meta.dirname, 'analyst', '../analyst/analyst.ts');
    this.#process = process ?? new CallClient(launch, entry, 'the analyst');
    this.#context = context;
    this.#onDeed = onDeed;
  }

  /** Its process, where that runs and works for nobody: the next home spares a start. */
  get idleProcess(): AnalystProcess | undefined {
    return this.#process.isIdle ? this.#process : undefined;
  }

  /** Throws what the procedure throws, and UserError if the process died. */
  async call(
    path: readonly string[],
    input: unknown,
    { signal }: Pick<ClientOptions<ClientContext>, 'signal'>,
  ): Promise<unknown> {
    const request = { path, input, context: { ...this.#context(), readable: readableFolders() } };
    const { reports, isDeed } = kindOf(path);
    const call = async (onProgress?: (progress: object) => void) => {
      try {
        return await this.#process.call(request, { signal, onProgress });
      } finally {
        if (isDeed) this.#onDeed(input);
      }
    };
    return reports ? withProgress(call) : call();
  }

  /** Ends the process; calls that wait are rejected as cancelled. */
  stop(): void {
    this.#process.stop();
  }

  /** Leaves the process to the link of another home, without anything of this one that is open. */
  async leave(): Promise<void> {
    await this.call(['internal', 'closeHome'], undefined, {});
  }
}

function kindOf(path: readonly string[]) {
  const procedure = getContractRouter(analystContract, path);
  if (!isContractProcedure(procedure)) return { reports: false, isDeed: false };
  const { meta, outputSchema } = procedure['~orpc'];
  return { reports: getEventIteratorSchemaDetails(outputSchema) !== undefined, isDeed: meta.reads === null };
}
