/** A study as a report. */

import type { Report } from '../../../core/api/compare.ts';
import type { StudyReportRequest } from '../../../core/api/studies.ts';
import { type StudyToMake, studyCommand } from '../../../core/documents/commands.ts';
import { protocolSentence } from '../../../core/documents/comparison/sections/differences.ts';
import type { ReportDocument } from '../../../core/documents/document.ts';
import type { ReportFormat } from '../../../core/documents/formats.ts';
import { studyDocument } from '../../../core/documents/study/report.ts';
import { sweepDocument } from '../../../core/documents/study/sweep.ts';
import { reportOf } from '../../../core/documents/writers/write.ts';
import { protocolFingerprint } from '../../../core/evaluation/protocol.ts';
import { shellQuote } from '../../../core/names.ts';
import type { Recipe } from '../../../core/reproduce/recipe.ts';
import type { StudyRecord } from '../../../core/store/home/studies.ts';
import type { Store } from '../../../core/store/store.ts';
import { publishedSettings } from '../../../core/studies/base-large.ts';
import { isSweep, modelsOf, type StudySpec } from '../../../core/studies/study.ts';
import { CARRYING, recipeOf } from './reproduce/recipe-of-runs.ts';
import { resultOfSweep, scalingFindings } from './studies.ts';
import { runsOfStudy } from './study-runs.ts';

/** A report is read on any machine. */
const TERMINAL = { commandLine: 'tessera', platform: '' };

/** The report of a study as a file. Throws UserError if there is no such study, or its data set has been deleted. */
export async function studyReport(
  store: Store,
  { study, kind, format, standalone }: StudyReportRequest,
): Promise<Report> {
  const found = store.studies.find(study, kind);
  const { document } = await reportedStudy(store, found);
  return reportOf({ ...document, recipe: recipeOfStudy(store, found, format) }, format, { standalone });
}

/** What makes the runs of a study again, where the format carries that; those that have not completed are named as missing. */
export function recipeOfStudy(store: Store, { id }: StudyRecord, format: ReportFormat): Recipe | undefined {
  if (!CARRYING.includes(format)) return undefined;
  return recipeOf(store, store.runs.named(store.studies.runIds(id)));
}

/** What is known of a study so far, and its report. Throws UserError if its data set has been deleted. */
export async function reportedStudy(
  store: Store,
  study: StudyRecord,
): Promise<{ result: object; document: ReportDocument }> {
  const { id, name, spec } = study;
  if (isSweep(spec)) {
    const result = { name, spec, ...resultOfSweep(store, id, spec) };
    return { result, document: sweepDocument(result) };
  }
  const findings = await scalingFindings(store, study);
  const done = runsOfStudy(store, id).flatMap(({ run }) => (run.status === 'completed' ? [run] : []));
  const protocols = new Map(
    done.flatMap(({ protocol }) => (protocol ? [[protocolFingerprint(protocol), protocol] as const] : [])),
  );
  const document = studyDocument({
    name,
    spec,
    ...findings,
    protocols: [...protocols].map(([fingerprint, protocol], at) =>
      protocolSentence({ label: String.fromCharCode(65 + at), fingerprint, protocol }),
    ),
    devices: [...new Set(done.flatMap(({ device }) => device ?? []))],
    commands: [
      studyCommand(TERMINAL, name, requestOf(spec)),
      `tessera study show ${shellQuote(name)} --out report.html`,
    ],
  });
  return { result: { study, ...findings }, document };
}

/** What was asked for, as a request asks for it. */
function requestOf(spec: StudySpec): StudyToMake {
  const { kind, model, preset, dataset, sizes, shares, overrides, seeds, device, threads, on, job } = spec;
  const shared = { dataset: dataset.name, overrides, seeds, device, threads, on, job };
  if (kind !== 'base-large')
    return { ...shared, kind: 'law', model, preset, sizes: sizes.map(({ label }) => label), shares };
  const blocks = (['base', 'large'] as const).map((role) =>
    Number(sizes.find(({ variant }) => variant?.role === role)?.config.blocks),
  );
  return { ...shared, kind, models: modelsOf(spec), settings: publishedSettings(sizes), blocks };
}
