/** A study written as a file. */
import type { Report } from '../../core/api/compare.ts';
import { codeVersion } from '../../core/code-version.ts';
import { protocolFingerprint } from '../../core/evaluation/protocol.ts';
import { shellQuote } from '../../core/names.ts';
import { figureFiles } from '../../core/reports/figure-files.ts';
import { type FileFormat, REPORT_FORMATS } from '../../core/reports/formats.ts';
import { protocolSentence } from '../../core/reports/sections.ts';
import { studyDocument } from '../../core/reports/study/report.ts';
import { writeDocument } from '../../core/reports/write.ts';
import { BASE_LARGE_PRESETS } from '../../core/scaling/base-large.ts';
import { modelsOf, type StudySpec } from '../../core/scaling/study.ts';
import { settingText } from '../../core/setting-value.ts';
import type { Store } from '../../core/store/store.ts';
import type { StudyRecord } from '../../core/store/studies.ts';
import { studyResult } from './studies.ts';

export interface StudyReportOptions {
  format: FileFormat;
  /** latex: a document that compiles by itself. */
  standalone?: boolean;
  /** What the report's file is called; null without one, so that no charts stand beside it. Default: by study and day. */
  fileName?: string | null;
}

/** Throws UserError if the study's data set has been deleted. */
export async function studyReport(
  store: Store,
  study: StudyRecord,
  { format, standalone, ...rest }: StudyReportOptions,
): Promise<Report> {
  const { name, spec } = study;
  const result = await studyResult(store, study);
  const runs = store.studies.runs(study.id).map(({ run }) => store.runs.get(run));
  const done = runs.filter(({ status }) => status === 'completed');
  const protocols = new Map(
    done.flatMap(({ protocol }) => (protocol ? [[protocolFingerprint(protocol), protocol] as const] : [])),
  );
  const sentences = [...protocols].map(([fingerprint, protocol], at) =>
    protocolSentence({ label: String.fromCharCode(65 + at), fingerprint, protocol, rows: [] }),
  );
  const document = studyDocument({
    name,
    spec,
    ...result,
    protocols: sentences,
    devices: [...new Set(done.flatMap(({ device }) => device ?? []))],
    commands: [studyCommand(spec, name), `tessera study show ${shellQuote(name)} --out report.html`],
  });
  const day = new Date().toISOString().slice(0, 10);
  const { extensions, mediaType } = REPORT_FORMATS[format];
  const safe = name.replaceAll(/[^\w.-]+/g, '-');
  const fileName = rest.fileName ?? `study-${safe}-${day}.${extensions[0]}`;
  const figures = figureFiles(fileName);
  const keepFigure = rest.fileName === null ? undefined : figures.keep;
  const subtitle = `${day}, Tessera ${codeVersion()}`;
  return {
    fileName,
    mediaType,
    text: writeDocument(document, format, { standalone, subtitle, keepFigure }),
    files: figures.files,
    warnings: result.baseLarge?.warnings ?? [],
  };
}

/** The command that creates the study again. */
export function studyCommand(spec: StudySpec, name: string): string {
  const { dataset, overrides, seeds, device, threads } = spec;
  const settings = Object.entries(overrides).flatMap(([key, value]) => [
    '--set',
    `${key}=${settingText(value)}`,
  ]);
  const parts = [
    'tessera',
    'study',
    ...kindArguments(spec),
    '--dataset',
    dataset.name,
    ...settings,
    '--seeds',
    seeds.join(','),
    '--device',
    device,
    '--threads',
    String(threads),
    '--name',
    name,
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
  const settings = Object.keys(BASE_LARGE_PRESETS).find((known) =>
    sizes.every(
      ({ variant }) => variant && BASE_LARGE_PRESETS[known][variant.model]?.includes(variant.preset ?? ''),
    ),
  );
  const base = ['base-large', '--models', modelsOf(spec).join(',')];
  return [
    ...base,
    ...(settings ? ['--settings', settings] : []),
    '--blocks',
    `${blocksOf('base')},${blocksOf('large')}`,
  ];
}
