/** Which answers an event makes old, as the contract says, and when they are asked for again. */
import { getContractRouter, isContractProcedure } from '@orpc/contract';
import type { Query, QueryKey } from '@tanstack/react-query';
import type { Meta, Reads, Topic } from '../../core/api/asking.ts';
import { contract } from '../../core/api/contract.ts';
import { type AppEvent, CHANGES } from '../../core/api/events.ts';
import { queryClient } from './api.ts';

/** A curve that grows is drawn twice a second. */
const REFRESH_MS = 500;
/** What happens together is told in one go. */
const TOGETHER_MS = 20;
/** What has happened since answers were last looked through. */
const happened = new Map<string, AppEvent>();
/** Questions that were on their way when something happened that their answers may lack: they are asked again after that. */
let again: ReadonlySet<Query> = new Set();
let isDue = false;
let nextLook = 0;

/** Asks again for what an event makes old, at most twice a second. */
export function refreshAfter(event: AppEvent): void {
  if (CHANGES[event.type].length === 0) return;
  happened.set(`${event.type} ${'run' in event ? event.run : ''}`, event);
  refreshSoon();
}

function refreshSoon(): void {
  if (!isDue) setTimeout(refresh, Math.max(TOGETHER_MS, nextLook - performance.now()));
  isDue = true;
}

function refresh(): void {
  const events = [...happened.values()];
  happened.clear();
  isDue = false;
  nextLook = performance.now() + REFRESH_MS;
  const old = queryClient.getQueryCache().findAll({
    predicate: (query) => {
      const asked = askedIn(query.queryKey);
      const isOld = asked !== null && events.some((event) => makesOld(event, asked.reads, asked.input));
      return isOld || again.has(query);
    },
  });
  // Not begun anew: one that takes longer than the next event would never be answered.
  again = new Set(old.filter(({ state }) => state.fetchStatus !== 'idle'));
  if (again.size > 0) refreshSoon();
  const idle = new Set(old.filter((query) => !again.has(query)));
  void queryClient.invalidateQueries({ predicate: (query) => idle.has(query) });
}

/** What was asked of the api, as its keys name it; null of another key, such as that of a screen's code. */
function askedIn([path, options]: QueryKey): { reads: Reads; input: unknown } | null {
  const procedure = Array.isArray(path) ? getContractRouter(contract, path) : undefined;
  const meta: Meta = isContractProcedure(procedure) ? procedure['~orpc'].meta : { reads: null };
  if (meta.reads === null) return null;
  return { reads: meta, input: (options as { input?: unknown } | undefined)?.input };
}

/** Whether an answer is old after an event, by what it is made of and what was asked. */
function makesOld(event: AppEvent, { reads, readsOf }: Reads, input: unknown): boolean {
  const changed = CHANGES[event.type];
  const isChanged = (topic: Topic) => changed.includes(topic);
  if (reads.some(isChanged)) return true;
  const run = 'run' in event ? event.run : null;
  return Object.entries(readsOf).some(
    ([field, topics]) => topics.some(isChanged) && (run === null || names(input, field, run)),
  );
}

/** Whether a field of an input names a run: by its id, among others, or as a view of it. */
function names(input: unknown, field: string, run: string): boolean {
  const asked = (input as Readonly<Record<string, unknown>> | undefined)?.[field];
  if (Array.isArray(asked)) return asked.includes(run);
  return asked === run || (asked as { run?: unknown } | null | undefined)?.run === run;
}
