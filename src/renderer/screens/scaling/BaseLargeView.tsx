import { useMemo, useState } from 'react';
import { modelTitle } from '../../../core/api/models.ts';
import {
  type BaseLarge,
  type DrawnStep,
  type ModelStep,
  type PublishedStep,
  type PublishedSteps,
  type Step,
  stepFigure,
} from '../../../core/api/studies.ts';
import { Figure } from '../../charts/Figure.tsx';
import { type Column, column } from '../../components/columns.ts';
import { Select } from '../../components/Select.tsx';
import { Table } from '../../components/Table.tsx';
import { fixed, markedText } from '../../format/format.ts';
import { RunTile } from '../../runs/RunTile.tsx';

/** Whether the models get better when they get larger: ours drawn and tested, and what papers report of the same step. */
export function BaseLargeView({ comparison, dataset }: { comparison: BaseLarge; dataset: string }) {
  const { columns, models, published, warnings } = comparison;
  const [metric, setMetric] = useState(columns[0].name);
  const at = Math.max(
    0,
    columns.findIndex(({ name }) => name === metric),
  );
  const { table, panels } = useMemo(() => drawnSteps(comparison, at, dataset), [comparison, at, dataset]);
  return (
    <>
      <div className="chart-head">
        <h2>Do they get better when they get larger?</h2>
        <Select
          aria-label="Metric"
          value={columns[at].name}
          choices={columns.map(({ name, label }) => ({ value: name, label }))}
          onValue={setMetric}
        />
      </div>
      <ul className="scaling-legend" aria-label="Models">
        {models.map(({ model }) => (
          <li key={model} className="row middle gap-2">
            <RunTile model={model} />
            {modelTitle(model)}
          </li>
        ))}
      </ul>
      <div className="scaling-steps grid gap-4">
        {panels.map(({ title, steps }) => (
          <Figure key={title} spec={stepFigure(title, columns[at].label, steps)} />
        ))}
      </div>
      <section className="stack">
        <Table
          title={columns[at].label}
          heading="h3"
          label="Base against Large"
          columns={table}
          rows={models}
        />
        <ul className="scaling-notes muted">
          <li>
            Large against base of each model, paired over users (mean over seeds first): 95 % BCa bootstrap
            interval, two-sided t, Holm over the models. Published changes are not tested.
          </li>
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      </section>
      <h2>Published, and what cannot be compared</h2>
      {published.map((one) => (
        <PublishedStepsTable key={`${one.source} ${one.dataset}`} published={one} />
      ))}
    </>
  );
}

/** What is drawn and told of one metric: a panel for ours and one for every data set with steps to compare. */
function drawnSteps({ columns, models, published }: BaseLarge, at: number, dataset: string) {
  const beside = published.filter(({ steps }) => steps.length >= Math.min(2, models.length));
  const stepsOf = (cellOf: (model: ModelStep) => Step | undefined): DrawnStep[] =>
    models.map((model) => {
      const { base = null, large = null, percent = null } = cellOf(model) ?? {};
      return { model: model.model, base, large, percent };
    });
  const panels = [
    { title: `Ours, ${dataset}`, steps: stepsOf(({ cells }) => cells[at]) },
    ...beside.map((one) => ({
      title: sourceTitle(one),
      steps: stepsOf(({ model }) => publishedCell(one, model, columns[at].name)),
    })),
  ].filter(({ steps }) => steps.some(({ base, large }) => base !== null && large !== null));
  return { table: stepColumns(columns[at], at, beside), panels };
}

/** "paper of FuXi-α, MovieLens-1M": the source up to its first comma. */
function sourceTitle({ source, dataset }: PublishedSteps): string {
  return `paper of ${source.split(',')[0]}, ${dataset}`;
}

function publishedCell({ columns, steps }: PublishedSteps, model: string, metric: string): Step | undefined {
  const at = columns.findIndex(({ name }) => name === metric);
  return steps.find((step) => step.model === model)?.cells[at];
}

function stepColumns(
  { name, decimals }: BaseLarge['columns'][number],
  at: number,
  published: readonly PublishedSteps[],
): Column<ModelStep>[] {
  return [
    column('model', 'Model', 'text', ({ model }) => modelTitle(model)),
    column(
      'blocks',
      'Blocks',
      'number',
      ({ base, large }) => `${base.blocks ?? '–'} → ${large.blocks ?? '–'}`,
    ),
    column('base', 'Base', 'metric', ({ cells }) => cells[at].base, decimals),
    column('large', 'Large', 'metric', ({ cells }) => cells[at].large, decimals),
    column('percent', 'Change %', 'signed', ({ cells }) => cells[at].percent, 1),
    column(
      'interval',
      '95 % interval',
      'interval',
      ({ cells }) => cells[at].significance?.interval,
      decimals,
    ),
    column('p', 'p, Holm', 'p', ({ cells }) => cells[at].significance?.holm),
    ...published.map((one) =>
      column<ModelStep>(
        `${one.source} ${one.dataset}`,
        `${sourceTitle(one)}, %`,
        'signed',
        ({ model }) => publishedCell(one, model, name)?.percent ?? null,
        1,
      ),
    ),
  ];
}

/** Every published metric of base and Large, with the footnotes of the values and what cannot be compared with ours. */
function PublishedStepsTable({ published }: { published: PublishedSteps }) {
  const { source, dataset, where, protocol, columns, steps, footnotes, remarks } = published;
  const table: Column<PublishedStep>[] = [
    column('model', 'Published', 'text', ({ names, marks }) => markedText(names[0], marks)),
    column('blocks', 'Blocks', 'number', ({ blocks }) => blocks.join(' → ')),
    ...columns.flatMap(({ name, label, decimals }, at): Column<PublishedStep>[] => [
      column(name, label, 'number', ({ cells }) =>
        markedText(
          `${fixed(cells[at].base, decimals)} → ${fixed(cells[at].large, decimals)}`,
          cells[at].marks,
        ),
      ),
      column(`${name} %`, '%', 'signed', ({ cells }) => cells[at].percent, 1),
    ]),
  ];
  const title = `${source}, ${dataset}`;
  return (
    <section className="stack">
      <Table title={title} heading="h3" columns={table} rows={steps} />
      <ul className="scaling-notes muted">
        <li>
          {where}. Protocol: {protocol}.
        </li>
        {footnotes.map((text, at) => (
          <li key={text}>
            [{at + 1}] {text}
          </li>
        ))}
        {remarks.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </section>
  );
}
