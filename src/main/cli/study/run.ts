/** Begins, resumes and shows studies of every kind. */

import { gridSection } from '../../../core/documents/study/report.ts';
import { searchTexts } from '../../../core/documents/study/sweep.ts';
import { UserError } from '../../../core/errors.ts';
import { metricPhrase } from '../../../core/evaluation/metrics-table.ts';
import { countText, lastOperand } from '../../../core/names.ts';
import { settingText } from '../../../core/setting-value.ts';
import type { StudyRecord } from '../../../core/store/home/studies.ts';
import type { Store } from '../../../core/store/store.ts';
import { FIRST_TRIALS } from '../../../core/studies/search/tpe.ts';
import { isSweep, kindOf, type StudySpec, type SweepSpec } from '../../../core/studies/study.ts';
import { program } from '../../data-folder/command-line.ts';
import type { StudyRequest } from '../../services/analysis/study-plan.ts';
import { type Answer, type CommandContext, print, printAnswer, withStore } from '../context.ts';
import { chosenDevice } from '../device-option.ts';
import { putDocument, type ReportOptions, reportFormat } from '../report-output.ts';
import { sectionsText, textTable } from '../terminal/text-table.ts';
import { costText, estimateText } from '../text/study-text.ts';
import type { StudyOptions } from './options.ts';

/** Creates a study and trains its runs, or shows what they would be. */
export async function beginStudy(
  context: CommandContext,
  request: StudyRequest,
  options: StudyOptions,
): Promise<void> {
  if (options.measure && !options.dryRun) {
    throw new UserError('--measure belongs to --dry-run: it starts nothing but probes of some seconds');
  }
  const [{ createStudy }, { planStudy }] = await Promise.all([
    import('../../services/analysis/studies.ts'),
    import('../../services/analysis/study-plan.ts'),
  ]);
  await withStore(context, async (store) => {
    const spec = await planStudy(store, request);
    if (options.dryRun) {
      const answer = isSweep(spec) ? trialsOf(spec) : await costOf(store, spec, options, context);
      return printAnswer(context, answer);
    }
    const study = createStudy(store, options.name?.trim() || defaultName(spec), spec);
    await trainStudy(store, study, context);
  });
}

function defaultName({ kind, model, dataset }: StudySpec): string {
  if (kind === 'base-large') return `base-large-${dataset.name}`;
  return `${model}-${dataset.name}-${kind === 'sweep' ? 'sweep' : 'scaling'}`;
}

function trialsOf(spec: SweepSpec): Answer {
  const { metric, search, vary } = spec.sweep;
  const all = spec.sizes.map(({ config }) => config);
  const trials = search === 'tpe' ? all.slice(0, FIRST_TRIALS) : all;
  const keys = vary.map(({ key }) => key);
  const headings = ['Trial', ...keys];
  const rows = trials.map((settings, at) => [
    String(at + 1),
    ...keys.map((key) => (key in settings ? settingText(settings[key]) : '–')),
  ]);
  const runs = countText(all.length * spec.seeds.length, 'run');
  const proposed = trials.length < all.length ? ' TPE proposes the others.' : '';
  const rules = searchTexts(spec.sweep).map((text) => ` ${text}`);
  const counts = `${countText(all.length, 'trial')}, ${runs}, ranked by ${metricPhrase(metric)}.${proposed}${rules.join('')}`;
  return [{ spec, trials, metric }, `${textTable(headings, rows, headings)}\n\n${counts}`];
}

async function costOf(
  store: Store,
  spec: StudySpec,
  { measure }: StudyOptions,
  context: CommandContext,
): Promise<Answer> {
  const { countedStudy, studyCost } = await import('../../services/analysis/studies.ts');
  const counted = await countedStudy(store, spec);
  const { points } = counted;
  const grid = sectionsText([gridSection(points)]);
  if (!measure) {
    const gflops = await deviceSpeed(spec);
    return [{ spec, points, gflops }, `${grid}\n\n${costText(studyCost(points), gflops)}`];
  }
  const [{ ProbeService }, { LocalExecutor }, { measureStudy }] = await Promise.all([
    import('../../services/runs/probes.ts'),
    import('../../executors/local.ts'),
    import('../../services/runs/study-probes.ts'),
  ]);
  const probes = new ProbeService(store, new LocalExecutor(), () => chosenDevice('auto'));
  const estimate = await measureStudy(probes, counted, {
    onProgress: ({ done, total, label }) => {
      if (!context.json) print(`Trying ${label} (${done + 1} of ${total})`);
    },
  });
  return [{ spec, points, estimate }, `${grid}\n\n${estimateText(estimate)}`];
}

/** GFLOP/s of a matrix product on the study's device. */
async function deviceSpeed({ device, threads }: StudySpec): Promise<number> {
  const [{ onDevice }, { productSpeed }] = await Promise.all([
    import('../../../core/engine/index.ts'),
    import('../../../core/engine/devices/speed.ts'),
  ]);
  return onDevice(await chosenDevice(device), { threads }, (context) => productSpeed(context, 512));
}

/**
 * Queues missing runs, trains until the study is done, and shows its report; of a scaling study that is not done, its runs
 * alone. Throws UserError where runs are not complete.
 */
export async function trainStudy(store: Store, begun: StudyRecord, context: CommandContext): Promise<void> {
  const { trainQueued } = await import('./train-queued.ts');
  const { exitCode, waiting } = await trainQueued(store, begun, (line) => {
    if (!context.json) print(line);
  });
  // A search has made trials meanwhile.
  const study = store.studies.find(begun.id);
  const kind = kindOf(study.spec);
  if (waiting === 0 || kind === 'sweep') await presentStudy(store, study, context);
  else {
    const { scalingFindings } = await import('../../services/analysis/studies.ts');
    const findings = await scalingFindings(store, study);
    printAnswer(context, [{ study, ...findings }, sectionsText([gridSection(findings.points)])]);
  }
  if (waiting === 0) return;
  process.exitCode = exitCode ?? 1;
  throw new UserError(
    `${countText(waiting, 'run')} of the ${kind} not complete; resume them with: ${program()} ${kind} resume ${lastOperand(study.name)}`,
  );
}

/** Shows the report of a study, with --json what is known of it. */
export async function presentStudy(
  store: Store,
  study: StudyRecord,
  context: CommandContext,
  options: ReportOptions = {},
): Promise<void> {
  const { recipeOfStudy, reportedStudy } = await import('../../services/analysis/study-report.ts');
  const { document, result } = await reportedStudy(store, study);
  const recipe = recipeOfStudy(store, study, reportFormat(options, context));
  await putDocument({ ...document, recipe }, result, options, context);
}
