/** The report of a study: its grid and cost, its laws or its steps from base to Large, and the commands that reproduce it. */

import { capital } from '../../names.ts';
import {
  isWorseThanGuessing,
  listedLaw,
  type StudyAxis,
  type StudyLaw,
  type StudyMetric,
  type StudyPoint,
  SUFFIX,
} from '../../studies/analysis.ts';
import type { DepthWidth } from '../../studies/depth-width.ts';
import { modelsOf, percentText, type StudySpec } from '../../studies/study.ts';
import { DEPTH_WIDTH_NOTE } from '../../studies/study-choices.ts';
import { type DocumentSection, figure, fileSafe, type ReportDocument } from '../document.ts';
import { duration, fixed, grouped, signed } from '../format.ts';
import type { BaseLarge } from './base-large.ts';
import { baseLargeSections } from './base-large-sections.ts';
import { costFigure, depthWidthFigure } from './figures.ts';
import { heldOutMarks, lawFigure } from './law-figure.ts';
import { lawSentences, lawStatement } from './law-words.ts';
import { amount, lawFormula, predictionText, range } from './words.ts';

/** The findings of a study, for its report. */
export interface StudyFindings {
  points: StudyPoint[];
  /** Empty for a base-large study. */
  laws: StudyLaw[];
  /** Only for a base-large study. */
  baseLarge: BaseLarge | null;
  /** Only if sizes have several depths and widths. */
  depthWidth: DepthWidth | null;
}

interface StudyReport extends StudyFindings {
  name: string;
  spec: StudySpec;
  /** The protocols of its runs, a sentence each. */
  protocols: readonly string[];
  /** Devices that computed its runs. */
  devices: readonly string[];
  /** Commands that reproduce it. */
  commands: readonly string[];
}

const METRICS: StudyMetric[] = ['cross-entropy', 'ndcg@10'];
const AXES: StudyAxis[] = ['parameters', 'data'];

export function studyDocument(study: StudyReport): ReportDocument {
  const { name, spec, points, laws, baseLarge, depthWidth } = study;
  return {
    stem: `study-${fileSafe(name)}`,
    title: `Scaling study ${name}`,
    answer: studyAnswer(study),
    warnings: baseLarge?.warnings,
    sections: [
      aboutSection(study),
      ...(baseLarge ? baseLargeSections(baseLarge, spec.dataset.name) : []),
      ...lawSections(laws),
      ...(depthWidth ? [depthSection(depthWidth)] : []),
      gridSection(points),
      againSection(study),
    ],
    data: { format: 'tessera-study', version: 1, name, spec, points, laws, baseLarge, depthWidth },
  };
}

/** The steps from base to Large, or what the first law says. */
function studyAnswer({ laws, baseLarge }: StudyReport): string | undefined {
  if (baseLarge) {
    const at = baseLarge.columns.findIndex(({ name }) => name === 'test/ndcg@10');
    const steps = baseLarge.models.map(
      ({ model, cells }) => `${model} ${signed(cells[at]?.percent ?? null, 1)} %`,
    );
    return `NDCG@10 from base to Large: ${steps.join(', ')}`;
  }
  const law = laws.find(({ fit }) => fit !== null) ?? laws[0];
  if (!law) return undefined;
  const { fact, exponent, towards, limit } = lawStatement(law, null);
  const what = exponent === undefined ? fact : `${fact}^${exponent}`;
  return `${[what, ...(towards ? [towards] : [])].join(' ')}${limit}`;
}

/** A section for each metric and axis that has points. */
export function lawSections(laws: readonly StudyLaw[]): DocumentSection[] {
  return METRICS.flatMap((metric) => AXES.flatMap((axis) => lawSection(laws, axis, metric)));
}

function aboutSection({ spec, points, devices }: StudyReport): DocumentSection {
  const done = points.filter(({ run }) => run?.status === 'completed').length;
  const seconds = points.reduce((sum, point) => sum + (point.seconds ?? 0), 0);
  const flops = points.reduce((sum, point) => sum + point.flops, 0);
  const settings = Object.entries(spec.overrides).map(([key, value]) => `${key}=${String(value)}`);
  return {
    title: 'What was done',
    text: [
      `${modelsOf(spec).join(', ')} on ${spec.dataset.name} (data set fingerprint ${spec.dataset.fingerprint.slice(0, 12)}): ` +
        `${done} of ${points.length} runs done, ${amount(flops)}FLOP, ${duration(seconds)} on ${devices.join(', ') || 'no device yet'}.`,
      ...(settings.length > 0 ? [`Fixed settings: ${settings.join(', ')}.`] : []),
    ],
  };
}

/** NDCG@10 for each device-hour; null while one of them is not known. */
export function qualityPerHour({ ndcg, seconds }: StudyPoint): number | null {
  return ndcg === null || seconds === null || seconds === 0 ? null : ndcg / (seconds / 3600);
}

export function gridSection(points: readonly StudyPoint[]): DocumentSection {
  const lines = points.map((point) => [
    point.label,
    point.run?.status ?? 'no run',
    percentText(point.share),
    String(point.seed),
    grouped(point.nonEmbedding),
    grouped(point.parameters),
    grouped(point.positions),
    point.flops.toExponential(2),
    fixed(point.seconds === null ? null : point.seconds / 3600, 4),
    fixed(point.crossEntropy, 4),
    fixed(point.ndcg, 4),
    fixed(qualityPerHour(point), 3),
  ]);
  return {
    title: 'Runs and their cost',
    table: {
      headings: [
        ...['Size', 'Status', 'Users', 'Seed', 'N', 'Parameters', 'Positions', 'FLOP', 'Device-hours'],
        ...['Cross-entropy', 'NDCG@10', 'NDCG@10 a device-hour'],
      ],
      textColumns: 2,
      lines,
    },
    figures: figure('Quality by time of training', costFigure(points)),
    notes: [
      'N: parameters without the tables of items, positions and users. Positions: those that predict, in one epoch. ' +
        'FLOP: of the whole training, forward and backward, padding and lookups aside. Device-hours: training and evaluation.',
    ],
  };
}

function lawSection(laws: readonly StudyLaw[], axis: StudyAxis, metric: StudyMetric): DocumentSection[] {
  const lawsOfAxis = laws
    .filter((law) => law.axis === axis && law.metric === metric && law.points.length > 0)
    .map(listedLaw);
  const fitted = lawsOfAxis.filter(({ fit }) => fit !== null);
  const against = axis === 'parameters' ? 'non-embedding parameters' : 'training positions';
  const title = `${SUFFIX[metric]} against ${against}`;
  const heading = capital(title);
  if (lawsOfAxis.length === 0) return [];
  if (fitted.length === 0) return [{ title: heading, text: [noLaw(lawsOfAxis[0])] }];
  const scale = axis === 'parameters' ? 'N0' : 'D0';
  return [
    {
      title: heading,
      text: [lawSentences(lawsOfAxis[0])],
      table: {
        headings: ['Fixed', 'Law', 'E, 95 %', `${scale}, 95 %`, 'α, 95 %', 'R²', 'Sizes'],
        textColumns: 2,
        lines: fitted.map((law) => [
          ...[law.fixed, lawFormula(law)],
          ...(law.fit ? [law.fit.intervals.e, law.fit.intervals.x0, law.fit.intervals.alpha].map(range) : []),
          ...[fixed(law.fit?.r2, 4), String(law.points.length)],
        ]),
      },
      figures: figure([heading, ...heldOutMarks(fitted)].join('; '), lawFigure(fitted)),
      notes: lawsOfAxis.flatMap(lawNotes),
    },
  ];
}

/** Why none was fitted. */
function noLaw(law: StudyLaw): string {
  const { fact, limit, numbers } = lawStatement(law, null);
  return isWorseThanGuessing(law) ? `${fact}${limit}. ${numbers[0]}` : `No law: ${law.problems[0]}.`;
}

/** Whether the largest size was predicted, and what to beware of. */
function lawNotes(law: StudyLaw): string[] {
  const texts = [
    predictionText(law),
    ...(law.fit?.cautions ?? []),
    ...law.problems.map((problem) => `${problem}.`),
  ];
  return [...new Set(texts)].flatMap((text) => (text ? [`${law.fixed}: ${text}`] : []));
}

function depthSection(found: DepthWidth): DocumentSection {
  const caption = 'by depth; the number at a point is its width';
  return {
    title: 'Depth against width',
    text: [`Means over seeds, ${percentText(found.share)} of the users.`, DEPTH_WIDTH_NOTE],
    table: {
      headings: ['Size', 'Blocks', 'Width', 'N', 'Cross-entropy', 'NDCG@10'],
      textColumns: 1,
      lines: found.cells.map((cell) => [
        ...[cell.label, String(cell.depth), String(cell.width), grouped(cell.nonEmbedding)],
        ...[fixed(cell.crossEntropy, 4), fixed(cell.ndcg, 4)],
      ]),
    },
    figures: [
      ...figure(`Cross-entropy ${caption}`, depthWidthFigure(found, 'cross-entropy')),
      ...figure(`NDCG@10 ${caption}`, depthWidthFigure(found, 'ndcg@10')),
    ],
  };
}

function againSection({ protocols, commands }: StudyReport): DocumentSection {
  return { title: 'Protocol and reproduction', text: [...protocols], commands: [...commands] };
}
