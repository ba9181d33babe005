/** Checks, runs and writes plans for the command line. */
import { dirname } from 'node:path';
import { UserError } from '../../../core/errors.ts';
import { writeWhole } from '../../../core/files/whole-file.ts';
import { countText, lastOperand, someNames } from '../../../core/names.ts';
import { areFiles } from '../../../core/plans/plan-schema.ts';
import type { Store } from '../../../core/store/store.ts';
import { program } from '../../data-folder/command-line.ts';
import { AdvancingPlan } from '../../services/analysis/plans/advance-plan.ts';
import { type OfEarlierTexts, ofEarlierTexts } from '../../services/analysis/plans/earlier-texts.ts';
import { type OpenPlan, openPlan, placeOf, planSoFar } from '../../services/analysis/plans/open-plan.ts';
import { importTable } from '../../services/analysis/plans/plan-data.ts';
import { documentOfPlan, planFile, planPaper } from '../../services/analysis/plans/plan-paper.ts';
import { allRuns, idsOf } from '../../services/analysis/plans/plan-progress.ts';
import type { PlanPlace } from '../../services/analysis/plans/plan-rows.ts';
import { matching, planState } from '../../services/analysis/plans/plan-state.ts';
import { planTakes } from '../../services/analysis/plans/plan-takes.ts';
import { lockPlan } from '../../services/plan-lock.ts';
import type { PlanOptions, PlanRunOptions, PlanTableOptions } from '../commands/plan.ts';
import { type CommandContext, print, printAnswer, printJson, withStore } from '../context.ts';
import { chosenDevice, deviceChoice } from '../device-option.ts';
import { takesText } from '../text/plan-text.ts';
import { trainAll } from '../train-all.ts';
import { folderOfPlan, requireFree, writePlan, writtenText } from './write-plan.ts';

const placeFor = (store: Store, { device, ...others }: PlanOptions): PlanPlace =>
  placeOf(store, { ...others, device: deviceChoice(device) });

/** `plan check` */
export async function checkPlan(context: CommandContext, file: string, options: PlanOptions): Promise<void> {
  await withStore(context, async (store) => {
    const place = placeFor(store, options);
    const open = await openPlan(store, file, place);
    const usesOthers = options.useOtherVersions ?? false;
    const { state, results } = await planSoFar(store, open, { usesOthers });
    const takes = planTakes(store, state, place);
    const absent = toImport(open);
    const problems = results.flatMap(({ problem }) => problem ?? []);
    const measured = results.filter(({ runs }) => runs.length > 0).length;
    const texts = [
      takesText(takes),
      ...(results.length > 0
        ? [`${measured} of ${countText(results.length, 'result')} of other programs measured.`]
        : []),
      ...(absent.length > 0 ? [`To import first: ${absent.join(', ')}; what they take is said then.`] : []),
      ...problems,
    ];
    printAnswer(context, [
      { plan: open.written.plan.plan, ...takes, absent, problems },
      texts.filter(Boolean).join('\n'),
    ]);
  });
}

/** Names of data sets whose files are not imported yet. */
function toImport({ written, absent }: OpenPlan): string[] {
  const names = absent.flatMap(({ table }) => {
    const { data } = written.plan.tables[table];
    return areFiles(data) ? [data.name] : [];
  });
  return [...new Set(names)];
}

/** `plan run` */
export async function runPlan(context: CommandContext, file: string, options: PlanRunOptions): Promise<void> {
  const say = (line: string) => {
    if (!context.json) print(line);
  };
  await withStore(context, async (store) => {
    const place = placeFor(store, options);
    if (place.places.includes(null)) await chosenDevice(place.device);
    const usesOthers = options.useOtherVersions ?? false;
    const out = folderOfPlan(file, options.out);
    requireFree(out);
    const first = await openPlan(store, file, place);
    const lock = lockPlan(store, first.written.path);
    // A window lists it from now on.
    store.plans.remember(first.written.path, first.written.plan.plan);
    try {
      const open = await importAbsent(store, first, place, say);
      // Measured first: a file that cannot be read is told before anything is trained.
      const { results } = await planSoFar(store, open, { usesOthers, imports: true });
      for (const { problem } of results) if (problem !== null) say(problem);
      const retriesDiverged = options.retryDiverged ?? false;
      const exitCode = await train(store, open, { place, usesOthers, retriesDiverged, lock, say });
      // Measures a results file again if it changed during the training; one that still cannot be read counts as missing.
      const soFar = await planSoFar(store, open, { usesOthers, imports: true });
      const paper = await planPaper(store, soFar);
      const written = await writePlan(paper, open.written, out);
      const { missing, diverged } = paper;
      if (context.json) printJson({ plan: paper.title, ...written, missing, diverged });
      else print(writtenText(written));
      for (const line of diverged) say(`Diverged, trained again with --retry-diverged alone: ${line}`);
      if (missing.length === 0) return;
      process.exitCode = exitCode ?? 1;
      for (const line of missing) say(`Missing: ${line}`);
      throw new UserError(
        `${countText(missing.length, 'part')} of the plan missing; continue with: ${program()} plan run ${lastOperand(file)}`,
      );
    } finally {
      lock.release();
    }
  });
}

async function importAbsent(
  store: Store,
  open: OpenPlan,
  place: PlanPlace,
  say: (line: string) => void,
): Promise<OpenPlan> {
  if (open.absent.length === 0) return open;
  const { plan, path, file } = open.written;
  const seen = new Set<string>();
  for (const { table } of open.absent) {
    const { data } = plan.tables[table];
    if (!areFiles(data) || seen.has(data.name)) continue;
    seen.add(data.name);
    const { statistics } = await importTable(store, data, dirname(path));
    say(
      `Imported ${data.name}: ${countText(statistics.users, 'user')}, ${countText(statistics.items, 'item')}.`,
    );
  }
  return openPlan(store, file, place);
}

interface Training {
  place: PlanPlace;
  usesOthers: boolean;
  retriesDiverged: boolean;
  lock: ReturnType<typeof lockPlan>;
  say(line: string): void;
}

/** Looked at anew at least so often, for what other processes do. */
const LOOK_MS = 5_000;

async function train(store: Store, open: OpenPlan, training: Training) {
  const { place, usesOthers, retriesDiverged, lock, say } = training;
  const { plan } = open.written;
  const how = matching(usesOthers);
  const advancing = new AdvancingPlan(store, plan.plan, open.blocks, how, place, { retriesDiverged });
  const takes = planTakes(store, planState(store, open.blocks, how), place);
  let waits = advancing.advance();
  const state = planState(store, open.blocks, how);
  sayEarlier(ofEarlierTexts(store, plan.plan, state, idsOf(allRuns(store, state))), say);
  if (!waits) return null;
  // A clock that steps back would put off the next look.
  let lookedAt = performance.now();
  let statuses = statusesOf(store, advancing.runs());
  const work = {
    beginning: `Plan ${plan.plan}: ${countText(takes.done, 'run')} there, ${countText(takes.missing + takes.trials + (retriesDiverged ? takes.diverged : 0), 'run')} to train.`,
    takes: (run: string) => advancing.runs().has(run),
    steers: (study: string) => advancing.steers(study),
    waits: () => {
      lock.renew();
      const now = statusesOf(store, advancing.runs());
      if (now === statuses && performance.now() - lookedAt < LOOK_MS) return waits;
      waits = advancing.advance();
      [statuses, lookedAt] = [statusesOf(store, advancing.runs()), performance.now()];
      return waits;
    },
    metrics: plan.metrics.map((name) => (name.includes('/') ? name : `test/${name}`)),
  };
  return trainAll(store, work, say);
}

function sayEarlier({ runs, searches }: OfEarlierTexts, say: (line: string) => void): void {
  const ids = runs.map(({ id }) => id).join(' ');
  if (runs.length > 0)
    say(
      `${countText(runs.length, 'run')} of an earlier text of the plan in the queue: ${someNames(runs.map(({ name }) => name))}; ` +
        `what nobody needs is taken out with: ${program()} queue cancel ${ids}`,
    );
  for (const name of searches)
    say(
      `The sweep ${name} of an earlier text of the plan makes further trials: ${program()} sweep pause ${lastOperand(name)}`,
    );
}

const statusesOf = (store: Store, runs: ReadonlySet<string>): string =>
  store.runs
    .named([...runs], { metrics: [] })
    .map(({ status }) => status)
    .join();

/** `plan table` */
export async function tableOfPlan(
  context: CommandContext,
  file: string,
  options: PlanTableOptions,
): Promise<void> {
  const { out, standalone, useOtherVersions: usesOthers = false } = options;
  await withStore(context, async (store) => {
    const open = await openPlan(store, file, placeFor(store, options));
    const paper = await planPaper(store, await planSoFar(store, open, { usesOthers }));
    const style = options.style ?? open.written.plan.paper.style;
    const text = planFile(documentOfPlan(paper, style), style, standalone ?? false);
    if (out !== undefined) writeWhole(out, text);
    for (const line of paper.missing) process.stderr.write(`tessera: missing: ${line}\n`);
    if (context.json)
      return printJson({
        file: out ?? null,
        style,
        missing: paper.missing,
        ...(out === undefined ? { text } : {}),
      });
    if (out === undefined) process.stdout.write(text);
    else print(`Wrote ${out} (${style}).`);
  });
}
