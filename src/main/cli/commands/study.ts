import { metricLabel } from '../../../core/evaluation/metrics-table.ts';
import { lastOperand } from '../../../core/names.ts';
import type { StudyRecord } from '../../../core/store/home/studies.ts';
import type { StudyKind } from '../../../core/store/home/study-spec.ts';
import type { Store } from '../../../core/store/store.ts';
import { kindOf, modelsOf } from '../../../core/studies/study.ts';
import { program } from '../../data-folder/command-line.ts';
import type { CliCommand } from '../command.ts';
import { type Answer, type CommandContext, withStore } from '../context.ts';
import { deleted } from '../deleted.ts';
import { wholeNumber } from '../options.ts';
import { reportOptions } from '../report-output.ts';
import { addBaseLarge } from '../study/base-large.ts';
import { addLaw } from '../study/law.ts';
import { presentStudy, trainStudy } from '../study/run.ts';
import { addSweep } from '../study/sweep.ts';
import { sectionsText, textTable } from '../terminal/text-table.ts';
import { utc } from '../text/run-text.ts';

/** `study run | base-large | resume | show | fit | delete | list`, and the same for sweeps: `sweep run | resume | show | delete | list`. */
export function addCommand(parent: CliCommand): void {
  const study = parent
    .command('study')
    .summary('how quality grows with the size of a model and of the data')
    .description(
      'Scaling studies: a grid of runs over model size and share of the users, everything else fixed, and the law ' +
        'L(N) = E + (N0 / N)^α through their losses; or several models as base and as Large. A STUDY is a name, an id, or the beginning of one.',
    )
    .helpCommand(false);
  addLaw(study);
  addBaseLarge(study);
  addNamed(study, 'study', {
    example: 'sasrec-ml-1m-scaling',
    shows:
      'every run with its counts and results, and the conclusions of the study; or writes them as a report.',
    formats: [['--out report.html'], ['--format md', 'base-large-ml-1m']],
  });
  study
    .command('fit <study>')
    .description('Fits the laws and checks how well they predict the largest size from the others.')
    .examples('tessera study fit sasrec-ml-1m-scaling')
    .ask((store, reference: string) => fitLaws(store, store.studies.find(reference, 'study')));
  const sweep = parent
    .command('sweep')
    .summary('which settings of a model are best on a data set')
    .description(
      'Sweeps: trials of one model on one data set with several settings varied, ranked by the metric of the validation ' +
        'items. Test results have no part in the choice. A SWEEP is a name, an id, or the beginning of one.',
    )
    .helpCommand(false);
  addSweep(sweep);
  addSteering(sweep);
  addNamed(sweep, 'sweep', {
    example: 'sasrec-films-sweep',
    shows: 'every trial, the best first, and the test result of the best alone; or writes a report.',
    formats: [['--format md'], ['--out trials.csv']],
  });
}

/** What only searches take whose trials are made one after the other. */
function addSteering(sweep: CliCommand): void {
  sweep
    .command('pause <sweep>')
    .description(
      'Lets no more trials begin; those that train continue. "sweep resume" lets them begin again.',
    )
    .examples('tessera sweep pause sasrec-films-sweep')
    .ask(async (store, reference: string) => {
      const { pauseSearch } = await import('../../services/analysis/searches.ts');
      const { name } = pauseSearch(store, reference);
      return [{ name }, `${name} is paused. Continue with: ${program()} sweep resume ${lastOperand(name)}`];
    });
  sweep
    .command('extend <sweep>')
    .description('Gives a random search or TPE more trials, whatever rule had ended it, and trains them.')
    .requiredOption('--trials <number>', 'so many more', wholeNumber(1))
    .examples('tessera sweep extend sasrec-films-sweep --trials 24')
    .run((context, reference: string, { trials }: { trials: number }) =>
      withStore(context, async (store) => {
        const { extendSearch } = await import('../../services/analysis/searches.ts');
        await trainStudy(store, extendSearch(store, reference, trials), context);
      }),
    );
}

interface GroupTexts {
  /** Name of a study in the examples. */
  example: string;
  /** What `show` does, after "Shows". */
  shows: string;
  /** Options of further examples of `show`, and another name. */
  formats: [options: string, name?: string][];
}

/** The commands about studies that there are. */
function addNamed(group: CliCommand, kind: StudyKind, { example, shows, formats }: GroupTexts): void {
  const named = (name: string, description: string) =>
    group.command(`${name} <${kind}>`).description(description);
  named('resume', 'Resumes unfinished runs and creates missing ones.')
    .examples(`tessera ${kind} resume ${example}`)
    .run(withStudy(kind, trainStudy));
  const show = `tessera ${kind} show`;
  reportOptions(named('show', `Shows ${shows}`))
    .examples(
      `${show} ${example}`,
      ...formats.map(([options, name = example]) => `${show} ${name} ${options}`),
    )
    .run(withStudy(kind, presentStudy));
  named('delete', `Deletes the ${kind}; its runs stay.`)
    .examples(`tessera ${kind} delete ${example}`)
    .ask((store, reference: string) => {
      const study = store.studies.find(reference, kind);
      return deleted(store, kindOf(study.spec), study, `${kind} ${study.name}; its runs stay.`);
    });
  group
    .command('list')
    .description(`Lists the ${kind === 'sweep' ? 'sweeps' : 'studies'}, newest first.`)
    .examples(`tessera ${kind} list`, `tessera ${kind} list --json`)
    .ask((store) => (kind === 'sweep' ? listSweeps(store) : listStudies(store)));
}

/** A command that takes the name of a study. */
function withStudy<Options extends unknown[]>(
  kind: StudyKind,
  work: (store: Store, study: StudyRecord, context: CommandContext, ...options: Options) => Promise<void>,
) {
  return (context: CommandContext, reference: string, ...options: Options) =>
    withStore(context, (store) => work(store, store.studies.find(reference, kind), context, ...options));
}

async function fitLaws(store: Store, study: StudyRecord): Promise<Answer> {
  const [{ lawSections }, { scalingFindings }] = await Promise.all([
    import('../../../core/documents/study/report.ts'),
    import('../../services/analysis/studies.ts'),
  ]);
  const findings = await scalingFindings(store, study);
  return [{ study, ...findings }, sectionsText(lawSections(findings.laws))];
}

function listStudies(store: Store): Answer {
  const studies = store.studies.list('study');
  const rows = studies.map(({ name, spec, createdAt }) => [
    name,
    modelsOf(spec).join(', '),
    spec.dataset.name,
    `${spec.sizes.length} x ${spec.shares.length} x ${spec.seeds.length}`,
    utc(createdAt),
  ]);
  const headings = ['Study', 'Model', 'Data set', 'Sizes x shares x seeds', 'Created (UTC)'];
  const none = `No studies yet. Begin one: ${program()} study run --dataset NAME`;
  return [studies, rows.length > 0 ? textTable(headings, rows) : none];
}

async function listSweeps(store: Store): Promise<Answer> {
  const { studyList } = await import('../../services/analysis/studies.ts');
  const { seedMeanText } = await import('../../../core/documents/study/sweep.ts');
  const { settingsText } = await import('../../../core/documents/study/words.ts');
  const sweeps = studyList(store, { kind: 'sweep' }).map(({ spec, cells: trials, ...sweep }) => {
    const { search, vary, metric = '' } = spec.sweep ?? {};
    return { ...sweep, spec, model: spec.model, dataset: spec.dataset.name, search, vary, metric, trials };
  });
  const rows = sweeps.map(({ name, model, dataset, done, trials, best, metric, createdAt }) => [
    name,
    model,
    dataset,
    `${done} of ${trials}`,
    best ? `${metricLabel(metric)} ${seedMeanText(best.value, metric)}: ${settingsText(best.settings)}` : '–',
    utc(createdAt),
  ]);
  const headings = ['Sweep', 'Model', 'Data set', 'Trials done', 'Best trial', 'Created (UTC)'];
  const none = `No sweeps yet. Begin one: ${program()} sweep run --dataset NAME --model ID --vary KEY=VALUES`;
  return [sweeps, rows.length > 0 ? textTable(headings, rows) : none];
}
