import { defaultColumns } from '../../../core/documents/comparison/rows/columns.ts';
import { duration, fixed } from '../../../core/documents/format.ts';
import { metricDecimals, metricLabel, metricsUsed } from '../../../core/evaluation/metrics-table.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { factLines } from '../terminal/text-table.ts';
import { deviceText } from './device-text.ts';
import { nextStep } from './next-step.ts';

/** The last line of `train --json` and `evaluate --json`. */
export function resultOf({ id, status, device, epochs, seconds, metrics }: OwnRun) {
  return { run: id, status, device, epochs, seconds, metrics };
}

const SHOWN_METRICS = ['test', 'final'].flatMap((split) =>
  metricsUsed('column').map((metric) => `${split}/${metric}`),
);

/** The final metrics of a run, and what to do next. */
export function completedText(store: Store, run: OwnRun): string {
  const { epochs, selectedEpoch, seconds } = run;
  const trained = epochs && epochs > 1 ? ` ${epochs} epochs` : '';
  const { protocol } = run;
  const onTest = protocol?.task === undefined && protocol?.selection === 'test';
  const optimistic = onTest ? ', selected on the test items (optimistic)' : '';
  const what =
    protocol?.task === 'tokeniser'
      ? `the IDs are those of epoch ${selectedEpoch}`
      : `epoch ${selectedEpoch} was tested${optimistic}`;
  const tested = epochs && epochs > 1 ? `; ${what}` : '';
  return [
    `Completed${trained} in ${duration(seconds)}${tested}.`,
    ...metricLines(run),
    nextStep(store, run),
  ].join('\n');
}

/** The usual metrics of a run and its device, one per line. */
export function metricLines({ metrics, device, requestedDevice, deviceReason }: OwnRun): string[] {
  const known = (names: readonly string[]) => names.filter((name) => name in metrics);
  const tested = known(SHOWN_METRICS);
  // An evaluation may have ranked only the validation items.
  const valid = tested.length > 0 ? [] : known(SHOWN_METRICS.map((name) => name.replace(/^test/, 'valid')));
  const ranked = [...tested, ...valid];
  const shown = ranked.length > 0 ? ranked : defaultColumns(new Set(Object.keys(metrics)));
  return [
    factLines([
      ...shown.map((name) => [metricLabel(name), fixed(metrics[name], metricDecimals(name))] as const),
      ['Device', deviceText(device ?? requestedDevice, deviceReason)],
    ]),
  ];
}
