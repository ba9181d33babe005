import type { AppEvent } from '../../../core/api/events.ts';
import { fixed } from '../../../core/documents/format.ts';
import { mayBeChosen, validationOf } from '../../../core/evaluation/choice.ts';
import { metricDecimals, metricLabel } from '../../../core/evaluation/metrics-table.ts';
import { comparisonKey } from '../../../core/evaluation/protocol.ts';
import { isSimpleBaseline, modelTitle, SIMPLE_BASELINES } from '../../../core/model-facts.ts';
import { runTableQuery } from '../../../core/store/runs/run-table-types.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun, RunRecord } from '../../../core/store/types.ts';

type Notice = Omit<Extract<AppEvent, { type: 'notice' }>, 'type'>;

/** The metric that a model is judged by: of ranks, else of clicks. */
const JUDGED_BY = ['test/ndcg@10', 'test/auc'];

/** Tells of runs what nobody should have to look for: that they ended, failed, or are below a simple baseline. */
export class RunAlerts {
  readonly #store: Store;
  readonly #notify: (notice: Notice) => void;

  constructor(store: Store, notify: (notice: Notice) => void) {
    this.#store = store;
    this.#notify = notify;
  }

  /** A run whose loss is not a number fails by itself, and says so. */
  ended(run: RunRecord): void {
    const { name, status, message } = run;
    if (status === 'completed') this.#notify({ ...this.#completed(run), run: run.id });
    else if (status !== 'queued' && status !== 'cancelled') {
      this.#notify({ level: 'error', title: `${name}: ${status}`, text: message ?? '', run: run.id });
    }
  }

  #completed(run: RunRecord): Omit<Notice, 'run'> {
    const plain = { level: 'info', title: `${run.name} has completed`, text: '' } as const;
    if (run.kind !== 'own') return plain;
    const metric = JUDGED_BY.find((name) => name in run.metrics);
    if (metric === undefined || !Number.isFinite(run.metrics[metric]) || isSimpleBaseline(run.model))
      return plain;
    const digits = (value: number) => fixed(value, metricDecimals(metric));
    const own = `${metricLabel(metric)} ${digits(run.metrics[metric])}`;
    const baseline = this.#baselineOf(run, metric);
    if (!baseline) return { ...plain, text: own };
    const title = modelTitle(baseline.model);
    const text = `${own}; the best simple baseline, ${title}, has ${digits(baseline.value)}.`;
    if (run.metrics[metric] >= baseline.value) return { ...plain, text };
    return { level: 'warn', title: `${run.name} has completed below ${title}`, text };
  }

  /** A database that is busy now keeps nobody from hearing that a run has ended. */
  #baselineOf(run: OwnRun, metric: string): { model: string; value: number } | null {
    try {
      return this.#bestBaseline(run, metric);
    } catch {
      return null;
    }
  }

  /** Chosen by validation, of those that were measured like the run. */
  #bestBaseline({ dataset, protocol }: OwnRun, metric: string): { model: string; value: number } | null {
    if (!protocol || !mayBeChosen(protocol, {})) return null;
    const valid = validationOf(metric);
    const alike = SIMPLE_BASELINES.flatMap((model) => {
      const filters = [
        { field: 'dataset', operator: '=', value: dataset.name },
        { field: 'model', operator: '=', value: model },
      ];
      const query = { filters, statuses: ['completed'], metrics: [metric, valid], limit: 100 };
      const { rows } = this.#store.table.page(runTableQuery.parse(query));
      return rows.flatMap((row) => {
        const [value, chosen] = [row.metrics[metric]?.mean, row.metrics[valid]?.mean];
        // What was measured on some of the users is no match for what was measured on all.
        const isWhole = row.metrics[metric]?.sample === undefined;
        if (row.comparisonKey !== comparisonKey(protocol) || value === undefined || !isWhole) return [];
        return chosen === undefined ? [] : [{ model, value, chosen }];
      });
    });
    return alike.toSorted((a, b) => b.chosen - a.chosen)[0] ?? null;
  }
}
