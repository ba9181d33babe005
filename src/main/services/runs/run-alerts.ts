import type { AppEvent } from '../../../core/api/events.ts';
import { fixed } from '../../../core/documents/format.ts';
import { mayBeChosen, validationOf } from '../../../core/evaluation/choice.ts';
import { metricDecimals, metricLabel } from '../../../core/evaluation/metrics-table.ts';
import { comparisonKey } from '../../../core/evaluation/protocol.ts';
import { isSimpleBaseline, modelTitle, SIMPLE_BASELINES } from '../../../core/model-facts.ts';
import { countText } from '../../../core/names.ts';
import { nameAlone } from '../../../core/run-names.ts';
import type { StudyRecord } from '../../../core/store/home/studies.ts';
import { phaseOf } from '../../../core/store/runs/run-life.ts';
import type { Store } from '../../../core/store/store.ts';
import { runTableQuery } from '../../../core/store/table/run-table-types.ts';
import type { OwnRun, RunRecord } from '../../../core/store/types.ts';

type Notice = Omit<Extract<AppEvent, { type: 'notice' }>, 'type'>;

/** The metric that a model is judged by: of ranks, else of clicks. */
const JUDGED_BY = ['test/ndcg@10', 'test/auc'];

/** What nobody should have to look for: that a run has ended, failed, or is below a simple baseline; null where that is no news. */
export function noticeOf(store: Store, run: RunRecord): Notice | null {
  const { id, status, message } = run;
  // A run whose loss is not a number fails by itself, and says so.
  if (status === 'queued' || status === 'cancelled' || status === 'stopped') return null;
  const holding = store.studies.holding([id]);
  const study = holding && !holding.isDeleted ? store.studies.find(holding.id) : null;
  if (study) return studyNotice(store, study, run);
  if (status === 'completed') return { ...completed(store, run), run: id };
  return { level: 'error', title: `${nameAlone(run)}: ${status}`, text: message ?? '', run: id };
}

/** That a search has ended, once it makes no more trials; null where it goes on. */
export function searchNotice(store: Store, study: string): Notice | null {
  const record = store.studies.find(study);
  const [first] = store.studies.runs(study);
  if (record.spec.sweep?.state !== 'ended' || first === undefined) return null;
  return studyNotice(store, record, store.runs.get(first.run));
}

/** One for all runs of a study or a sweep: that its last one has ended; before that, that its first one has failed. */
function studyNotice(store: Store, { id, name, spec }: StudyRecord, run: RunRecord): Notice | null {
  const all = store.studies.runs(id);
  const ended = all.filter(({ status }) => phaseOf(status) === 'ended');
  const failed = ended.filter(({ status }) => !['completed', 'cancelled', 'stopped'].includes(status));
  // Of a search that goes on the next trial is made when there is room for it.
  if (ended.length === all.length && spec.sweep?.state !== 'open') {
    const completed = ended.filter(({ status }) => status === 'completed').length;
    const text = spec.sweep?.asha
      ? `${countText(spec.sizes.length, 'trial')}, ${countText(completed, 'run')} to the last epoch`
      : `${completed} of ${countText(all.length, 'run')} completed`;
    return { level: failed.length > 0 ? 'warn' : 'info', title: `${name} is done`, text, run: null };
  }
  if (run.status === 'completed' || failed.length > 1) return null;
  const title = `${name}: ${nameAlone(run)} ${run.status}`;
  return { level: 'error', title, text: run.message ?? '', run: run.id };
}

function completed(store: Store, run: RunRecord): Omit<Notice, 'run'> {
  const plain = { level: 'info', title: `${nameAlone(run)} has completed`, text: '' } as const;
  if (run.kind !== 'own') return plain;
  const metric = JUDGED_BY.find((name) => name in run.metrics);
  if (metric === undefined || !Number.isFinite(run.metrics[metric]) || isSimpleBaseline(run.model))
    return plain;
  const digits = (value: number) => fixed(value, metricDecimals(metric));
  const own = `${metricLabel(metric)} ${digits(run.metrics[metric])}`;
  const baseline = baselineOf(store, run, metric);
  if (!baseline) return { ...plain, text: own };
  const title = modelTitle(baseline.model);
  const text = `${own}; the best simple baseline, ${title}, has ${digits(baseline.value)}.`;
  if (run.metrics[metric] >= baseline.value) return { ...plain, text };
  return { level: 'warn', title: `${nameAlone(run)} has completed below ${title}`, text };
}

interface BaselineResult {
  model: string;
  value: number;
}

/** A database that is busy now keeps nobody from hearing that a run has ended. */
function baselineOf(store: Store, run: OwnRun, metric: string): BaselineResult | null {
  try {
    return bestBaseline(store, run, metric);
  } catch {
    return null;
  }
}

/** Chosen by validation, of those that were measured like the run. */
function bestBaseline(store: Store, { dataset, protocol }: OwnRun, metric: string): BaselineResult | null {
  if (!protocol || !mayBeChosen(protocol, {})) return null;
  const valid = validationOf(metric);
  const alike = SIMPLE_BASELINES.flatMap((model) => {
    const filters = [
      { field: 'dataset', operator: '=', value: dataset.name },
      { field: 'model', operator: '=', value: model },
    ];
    const query = { filters, statuses: ['completed'], metrics: [metric, valid], limit: 100 };
    const { rows } = store.table.page(runTableQuery.parse(query));
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
