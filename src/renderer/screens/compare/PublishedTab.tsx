import type { ComparisonView, TableSection } from '../../../core/api/compare.ts';
import { type Column, column } from '../../components/columns.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { PublishedTable } from '../../components/PublishedTable.tsx';
import { Table } from '../../components/Table.tsx';
import { routeLink } from '../../state/navigation.ts';

/** Published results for the data sets of these runs, each run under the result of its model. */
export function PublishedTab({ view }: { view: ComparisonView }) {
  if (view.published.length === 0) {
    return (
      <EmptyState title="No published results for these data sets">
        <p>
          A data set is recognised by its counts, else by its name.{' '}
          <a href={routeLink('published')}>Published</a> shows what there is.
        </p>
      </EmptyState>
    );
  }
  const beside = new Set(
    view.published.flatMap(({ sections }) =>
      sections.flatMap(({ lines }) => lines.flatMap(({ kind, name }) => (kind === 'ours' ? [name] : []))),
    ),
  );
  const alone = view.rows.filter(({ name }) => !beside.has(name)).map(({ name }) => name);
  return (
    <div className="compare-flow">
      {alone.length > 0 && (
        <p className="muted">Without a published result of their model: {alone.join(', ')}.</p>
      )}
      {view.overview?.map((table) => (
        <OverviewTable key={table.title} table={table} />
      ))}
      {view.published.map(({ source, sections }) =>
        sections.map((section) => (
          <section key={`${source} ${section.dataset}`} className="compare-section">
            <h2>{section.source}</h2>
            <p className="muted compare-prose">
              {section.where}. Protocol: {section.protocol}. Differences are ours against the published value;
              they are not tested.
            </p>
            <PublishedTable section={section} title={section.dataset} />
          </section>
        )),
      )}
    </div>
  );
}

/** Every model with its paper's number, independent runs of it, and ours. */
function OverviewTable({
  table: { title, headings, textColumns, lines, notes = [] },
}: {
  table: TableSection;
}) {
  const columns = headings.map((heading, at): Column<string[]> => {
    return column(heading, heading, at < textColumns ? 'text' : 'number', (line) => line[at]);
  });
  return (
    <section className="compare-section published-section">
      <Table title={title} columns={columns} rows={lines} rowKey={(line) => line.join()} />
      {notes.map((note) => (
        <p key={note} className="published-remark">
          {note}
        </p>
      ))}
    </section>
  );
}
