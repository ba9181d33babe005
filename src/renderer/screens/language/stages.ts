/** What the stages of a language model say: in a sentence, as a figure, as a table. */
import {
  type FigureColour,
  type FigurePoint,
  type FigureSpec,
  NAME_LINE,
} from '../../../core/api/figures.ts';
import {
  type LadderLine,
  type LadderQuestion,
  type LadderRun,
  type LanguageLadder,
  readBeforeText,
} from '../../../core/api/language.ts';
import { capital, countText, fixed, grouped, signed } from '../../format/format.ts';

export const ASKED: Record<LadderQuestion['question'], string> = {
  like: 'Does the member like it?',
  next: 'What comes next?',
};

/** A row of the table: a stage, or a model beside. */
export interface StageRow extends LadderLine {
  run: LadderRun;
  /** The nearest stage before it that is a row. */
  before: LadderRun | null;
}

export function rowsOf({ runs }: LanguageLadder, { rows }: LadderQuestion): StageRow[] {
  const runOf = (id: string | null) => runs.find((run) => run.id === id) ?? null;
  return rows.flatMap((line) => {
    const run = runOf(line.run);
    return run ? [{ ...line, run, before: runOf(line.before) }] : [];
  });
}

export const stageName = ({ place, title }: LadderRun) => (place === null ? title : `${place}  ${title}`);

/** From the first stage to the last, and the step that brings most. */
export function statementOf(
  ladder: LanguageLadder,
  question: LadderQuestion,
): { fact: string; limit: string } {
  const { label, decimals } = question;
  const stages = rowsOf(ladder, question).filter(({ run }) => run.place !== null);
  const [first, last] = [stages[0], stages.at(-1)];
  const of = ({ value }: StageRow) => fixed(value, decimals);
  if (!first || !last || first === last) {
    const only = last ?? first;
    return {
      fact: only ? `${label} ${of(only)} after ${only.run.title}` : ASKED[question.question],
      limit: '',
    };
  }
  const steps = stages.filter(({ toBefore }) => toBefore !== null);
  const gain = ({ toBefore }: StageRow) => toBefore?.difference ?? Number.NEGATIVE_INFINITY;
  const most = steps.reduce<StageRow | null>(
    (best, one) => (best === null || gain(one) > gain(best) ? one : best),
    null,
  );
  const fact = `${label} from ${of(first)} to ${of(last)}`;
  if (!most?.toBefore || most.toBefore.difference <= 0) return { fact, limit: ': no stage brings anything' };
  return most.toBefore.significant
    ? { fact, limit: `: most by ${most.run.title}, ${signed(most.toBefore.difference, decimals)}` }
    : { fact, limit: ': no step between stages is significant' };
}

/** Whose numbers they are, and what they do not say. */
export function limitsOf({ pretrained }: LanguageLadder, { unit, count, leftOut }: LadderQuestion): string {
  const noun = unit === 'users' ? 'user' : 'question';
  const same = `Over the same ${countText(count, noun)}`;
  const others =
    leftOut > 0
      ? `; ${grouped(leftOut)} that ${leftOut === 1 ? 'was' : 'were'} not asked of every run ${leftOut === 1 ? 'is' : 'are'} left out`
      : '';
  const unknown = pretrained.length > 0 ? ` ${capital(readBeforeText(pretrained))}.` : '';
  return `${same}${others}. One run each: other seeds may differ.${unknown}`;
}

const ROW = 34;

/**
 * A line a stage, the first at the bottom, joined to the one that it began from, in the colour of the first; models beside are dotted
 * lines, named above.
 */
export function stagesFigure(
  ladder: LanguageLadder,
  question: LadderQuestion,
  colourOf: (model: string) => FigureColour,
): FigureSpec {
  const { label, decimals, question: asked } = question;
  const rows = rowsOf(ladder, question);
  const stages = rows.filter(({ run }) => run.place !== null);
  const beside = rows.filter(({ run }) => run.place === null);
  const stageRuns = ladder.runs.filter(({ place }) => place !== null).reverse();
  const point = (row: StageRow): FigurePoint => ({
    x: row.value,
    y: stageName(row.run),
    ...(row.interval && { low: row.interval[0], high: row.interval[1] }),
    label: fixed(row.value, decimals),
    tip: `${row.run.title}: ${fixed(row.value, decimals)}`,
  });
  const joined = stages.flatMap((row) => {
    const before = stages.find(({ run }) => run.id === row.before?.id);
    return before
      ? [
          {
            id: `from ${row.run.id}`,
            colour: 'muted' as const,
            faint: true,
            marks: 'none' as const,
            line: 'straight' as const,
            points: [before, row].map(({ value, run }) => ({ x: value, y: stageName(run) })),
          },
        ]
      : [];
  });
  return {
    title: ASKED[asked],
    subtitle: `${label}, ${ladder.dataset}`,
    description: `${label} of every stage with its 95 % interval: ${rows
      .map((row) => `${row.run.title} ${fixed(row.value, decimals)}`)
      .join(', ')}`,
    fileName: `stages-${asked}`,
    along: 'x',
    height: ROW * stageRuns.length + NAME_LINE * beside.length + 48,
    x: { label },
    y: { kind: 'names', names: stageRuns.map(stageName) },
    names: 'none',
    series: [
      ...joined,
      // From the top: an arrow key leads to the stage that is seen above or below.
      ...stages.toReversed().map((row) => ({
        id: row.run.id,
        colour: colourOf(stageRuns[stageRuns.length - 1].model),
        marks: 'half' as const,
        points: [point(row)],
      })),
    ],
    rules: beside.map(({ run, value }) => ({
      axis: 'x' as const,
      at: value,
      dashed: true,
      colour: colourOf(run.model),
      label: `${run.title} ${fixed(value, decimals)}`,
    })),
  };
}
