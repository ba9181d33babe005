/** Which row the others are tested against: a protocol has a baseline of its own, for values of different protocols are not compared. */
import { splitFields } from '../../../data/splits/index.ts';
import { canonicalJson } from '../../../evaluation/protocol.ts';
import type { ComparedRun, ProtocolGroup } from '../../types.ts';
import { configWithoutSeed } from './configs.ts';
import type { RunGroup } from './rows.ts';

/** Settings that say how a model is measured, and not what it is. */
export const MEASURING: ReadonlySet<string> = new Set([
  ...Object.keys(splitFields),
  ...['targets', 'testUsers', 'protocol', 'historyFilter', 'historyWindow', 'candidates', 'rankLimit'],
]);

/** What is equal of rows of several protocols that are one model; an evaluation of the checkpoint that a run has tested is of the same one. `name`: of its run, or what the names of its runs share. */
export function rowKey({ name, runs: [run] }: { name: string; runs: readonly ComparedRun[] }): string {
  const { model, program = null, evaluates = null, config } = run;
  const kept = Object.entries(configWithoutSeed(run)).filter(([key]) => !MEASURING.has(key));
  // Without a config nothing but its name tells a row from others.
  return canonicalJson([model, program, evaluates?.kind ?? 'best', config ? Object.fromEntries(kept) : name]);
}

/**
 * The baseline of each protocol, by its place among the rows: the one that was chosen in its own protocol, and in any other that has
 * something to test and was recorded the first row of the same model and settings. Null where there is none.
 */
export function protocolBaselines(
  rows: readonly RunGroup[],
  protocols: readonly Omit<ProtocolGroup, 'baseline'>[],
  chosen: number | null,
): (number | null)[] {
  const wanted = chosen === null ? null : rowKey(rows[chosen]);
  return protocols.map(({ protocol, rows: members }) => {
    if (chosen !== null && members.includes(chosen)) return chosen;
    if (protocol === null || members.length < 2) return null;
    return members.find((row) => rowKey(rows[row]) === wanted) ?? null;
  });
}
