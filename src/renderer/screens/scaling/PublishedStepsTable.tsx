import type { PublishedStep, PublishedSteps } from '../../../core/api/studies.ts';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';
import { fixed, markedText } from '../../format/format.ts';

/** Every published metric of base and Large, with the footnotes of the values and what cannot be compared with ours. */
export function PublishedStepsTable({ published }: { published: PublishedSteps }) {
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
      <Table title={title} heading="h3" columns={table} rows={steps} rowKey={({ model }) => model} />
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
