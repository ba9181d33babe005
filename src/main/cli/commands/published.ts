import type { PublishedResults, PublishedSource } from '../../../core/published/published-results.ts';
import type { CliCommand } from '../command.ts';
import { textTable } from '../terminal/text-table.ts';

/** `published [SOURCE]`: results that others have published. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('published [source]')
    .summary('list sources of published results, or show the results of one')
    .description(
      'Lists the sources of published results; with a source, its results and notes. ' +
        '"compare --published SOURCE" shows them beside runs.',
    )
    .examples('tessera published', 'tessera published fuxi-alpha', 'tessera published tiger --json')
    .answer(async (_, id: string | undefined) => {
      const { findSource, readPublished } = await import('../../../core/published/published-results.ts');
      const published = readPublished();
      if (id === undefined) return [published, listText(published)];
      const source = findSource(published, id);
      return [source, await sourceText(published, source)];
    });
}

function listText({ sources, datasets }: PublishedResults): string {
  const rows = sources.map(({ id, title, states, results }) => [
    id,
    title,
    states.split,
    Object.keys(results)
      .map((dataset) => datasets[dataset].title)
      .join(', '),
  ]);
  return textTable(['Source', 'What it is', 'Split', 'Data sets'], rows);
}

async function sourceText({ datasets }: PublishedResults, source: PublishedSource): Promise<string> {
  const [{ metricLabel }, { fixed }] = await Promise.all([
    import('../../../core/evaluation/metrics-table.ts'),
    import('../../../core/documents/format.ts'),
  ]);
  const labels = source.metrics.map((metric) => metricLabel(`test/${metric}`));
  const tables = Object.entries(source.results).flatMap(([dataset, results]) => {
    const rows = results.map(({ model, id, values }) => [
      model,
      id ?? '–',
      ...values.map((value) => fixed(value, 4)),
    ]);
    return ['', datasets[dataset].title, textTable(['Published', 'Model', ...labels], rows, labels)];
  });
  const notes = source.footnotes.map(({ text, models, datasets: sets, metrics }) => {
    const about = [
      models?.join(', '),
      sets?.map((set) => datasets[set].title).join(', '),
      metrics?.map((metric) => metricLabel(`test/${metric}`)).join(', '),
    ].filter((part) => part !== undefined);
    return about.length > 0 ? `- ${about.join('; ')}: ${text}` : `- ${text}`;
  });
  return [
    source.title,
    `Source: ${source.where}`,
    `Protocol: ${source.protocol}`,
    ...tables,
    '',
    ...notes,
  ].join('\n');
}
