/** A study as a report. */

import type { Report } from '../../../core/api/compare.ts';
import type { StudyReportRequest } from '../../../core/api/studies.ts';
import { protocolSentence } from '../../../core/documents/comparison/sections/differences.ts';
import type { ReportDocument } from '../../../core/documents/document.ts';
import { studyDocument } from '../../../core/documents/study/report.ts';
import { sweepDocument } from '../../../core/documents/study/sweep.ts';
import { reportOf } from '../../../core/documents/writers/write.ts';
import { protocolFingerprint } from '../../../core/evaluation/protocol.ts';
import { shellQuote } from '../../../core/names.ts';
import { settingText } from '../../../core/setting-value.ts';
import type { StudyRecord } from '../../../core/store/home/studies.ts';
import type { Store } from '../../../core/store/store.ts';
import { publishedSettings } from '../../../core/studies/base-large.ts';
import { isSweep, modelsOf, type StudySpec } from '../../../core/studies/study.ts';
import { jobArguments } from '../../../core/training/job-options.ts';
import { resultOfSweep, runsOfStudy, scalingFindings } from './studies.ts';

/** The report of a study as a file. Throws UserError if there is no such study, or its data set has been deleted. */
export async function studyReport(
  store: Store,
  { study, kind, format, standalone }: StudyReportRequest,
): Promise<Report> {
  const { document } = await reportedStudy(store, store.studies.find(study, kind));
  return reportOf(document, format, { standalone });
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
      protocolSentence({ label: String.fromCharCode(65 + at), fingerprint, protocol, rows: [] }),
    ),
    devices: [...new Set(done.flatMap(({ device }) => device ?? []))],
    commands: [studyCommand(spec, name), `tessera study show ${shellQuote(name)} --out report.html`],
  });
  return { result: { study, ...findings }, document };
}

/** The command that creates the study again. */
function studyCommand(spec: StudySpec, name: string): string {
  const { dataset, overrides, seeds, device, threads, on, job = {} } = spec;
  const parts = [
    ...['tessera', 'study', ...kindArguments(spec), '--dataset', dataset.name],
    ...Object.entries(overrides).flatMap(([key, value]) => ['--set', `${key}=${settingText(value)}`]),
    ...['--seeds', seeds.join(','), '--device', device, '--threads', String(threads), '--name', name],
    ...(on === undefined ? [] : ['--on', on]),
    ...jobArguments(job).flatMap(([option, value]) => [`--${option}`, value]),
  ];
  return parts.map(shellQuote).join(' ');
}

function kindArguments(spec: StudySpec): string[] {
  const { kind, model, preset, sizes, shares } = spec;
  const labels = sizes.map(({ label }) => label).join(',');
  if (kind !== 'base-large') {
    const begin = ['run', '--model', model, ...(preset ? ['--preset', preset] : [])];
    return [...begin, '--sizes', labels, '--shares', shares.join(',')];
  }
  const blocksOf = (role: 'base' | 'large') =>
    sizes.find(({ variant }) => variant?.role === role)?.config.blocks;
  const settings = publishedSettings(sizes);
  const begin = ['base-large', '--models', modelsOf(spec).join(',')];
  const blocks = `${blocksOf('base')},${blocksOf('large')}`;
  return [...begin, ...(settings ? ['--settings', settings] : []), '--blocks', blocks];
}
