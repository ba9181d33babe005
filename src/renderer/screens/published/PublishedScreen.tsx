import { useQuery } from '@tanstack/react-query';
import type { PublishedPage } from '../../../core/api/published.ts';
import { Select } from '../../components/controls.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Problem } from '../../components/Problem.tsx';
import { PublishedTable } from '../../components/PublishedTable.tsx';
import { Screen } from '../../components/Screen.tsx';
import { Waiting } from '../../components/Waiting.tsx';
import { grouped } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { goTo, useRoute } from '../../state/navigation.ts';
import './published.css';

const ALL = '';

/** What others have published: sources, protocols, rows and what to know about them. */
export default function PublishedScreen() {
  const { data, error, refetch } = useQuery(api.published.list.queryOptions());
  const query = useRoute((place) => place.query);
  const requested = query.get('dataset') ?? ALL;
  const dataset = data?.datasets.some(({ id }) => id === requested) ? requested : ALL;
  const words = (query.get('model') ?? '').toLowerCase();
  const change = (changes: { dataset?: string; model?: string }) => {
    const next = { dataset, model: query.get('model') ?? '', ...changes };
    goTo('published', [], Object.fromEntries(Object.entries(next).filter(([, value]) => value !== '')));
  };
  const sources = data ? matching(data, dataset, words) : [];
  return (
    <Screen
      title="Published"
      aside={
        <>
          {data && (
            <Select
              aria-label="Data set"
              value={dataset}
              choices={[
                { value: ALL, label: 'All data sets' },
                ...data.datasets.map(({ id, title }) => ({ value: id, label: title })),
              ]}
              onValue={(id) => change({ dataset: id })}
            />
          )}
          <input
            className="input"
            type="search"
            aria-label="Search models"
            placeholder="Model"
            value={query.get('model') ?? ''}
            onChange={(event) => change({ model: event.target.value })}
          />
        </>
      }
    >
      {error && <Problem query={{ error, refetch }} />}
      {!data && !error && <Waiting>Reading the published results</Waiting>}
      {data && sources.length === 0 && (
        <EmptyState title="No published result fits">
          <p>Choose another data set, or search for fewer letters.</p>
        </EmptyState>
      )}
      {data && dataset !== ALL && <DatasetFacts published={data} id={dataset} />}
      {sources.map((source) => (
        <article key={source.id} className="published-source">
          <header>
            <h2>{source.title}</h2>
            <dl className="published-facts">
              <dt>Source</dt>
              <dd>{source.where}</dd>
              <dt>Protocol</dt>
              <dd>{source.protocol}</dd>
            </dl>
          </header>
          {source.sections.map(({ dataset: id, section }) => (
            <PublishedTable key={id} section={section} title={section.dataset} />
          ))}
        </article>
      ))}
    </Screen>
  );
}

function DatasetFacts({ published, id }: { published: PublishedPage; id: string }) {
  const entry = published.datasets.find((dataset) => dataset.id === id);
  if (!entry) return null;
  const counts =
    entry.users === null || entry.interactions === null
      ? 'The sources do not agree on its cut: compare with care.'
      : `${grouped(entry.users)} users and ${grouped(entry.interactions)} interactions. An imported data set with these counts is taken to be it.`;
  return (
    <p className="muted published-dataset">
      {entry.title}: {counts}
    </p>
  );
}

/** Sources with the tables of the data set and the rows of the models that were searched for. */
function matching({ sources }: PublishedPage, dataset: string, words: string): PublishedPage['sources'] {
  return sources
    .map((source) => ({
      ...source,
      sections: source.sections
        .filter(({ dataset: id }) => dataset === ALL || id === dataset)
        .map(({ dataset: id, section }) => ({
          dataset: id,
          section: {
            ...section,
            lines: section.lines.filter(({ name }) => name.toLowerCase().includes(words)),
          },
        }))
        .filter(({ section }) => section.lines.length > 0),
    }))
    .filter(({ sections }) => sections.length > 0);
}
