import { useQuery } from '@tanstack/react-query';
import type { OwnRun } from '../../../core/api/runs.ts';
import { IdTiles } from '../../components/IdTiles.tsx';
import { type Fact, FactList, Tiles } from '../../components/lists.tsx';
import { fixed } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { SourceLink } from './SourceLink.tsx';
import { rowsText, type TaskShare, taskShares, trainsText, type WordsConfig } from './word-facts.ts';

const EXAMPLES = 5;
/** Text, tiles, number. */
const LINE = { gridTemplateColumns: 'minmax(0, 1fr) 80px 48px', minHeight: 28 };
const TILES = 10;

/** What a language model with codes as words begins with, what its words are, and what it is asked in training. */
export function WordFacts({ run, config }: { run: OwnRun; config: WordsConfig }) {
  const { tokeniser, shuffleIds, collisionToken } = config;
  const { data: ids } = useQuery(api.codebooks.facts.queryOptions({ input: { run: tokeniser } }));
  const { data: items } = useQuery(
    api.codebooks.items.queryOptions({
      input: { run: tokeniser, step: null, category: null, pattern: [], limit: EXAMPLES },
    }),
  );
  const named = (items?.rows ?? []).filter(({ codes }) => codes.length > 0);
  const facts: Fact[] = [
    ['Begins with', <Beginning key="from" config={config} />],
    ['IDs of', <SourceLink key="ids" id={tokeniser} />],
    ['Codes', ids ? rowsText(config, ids.codebookSizes) : '–'],
    ['Trains', trainsText(config)],
  ];
  return (
    <>
      <section className="stack gap-1">
        <h2>Words</h2>
        <FactList className="facts" width={96} facts={facts} />
        <p className="row wrap gap-3">
          <a href={routeLink('codebooks', [tokeniser, 'beam'], { model: run.id })}>Decode along the trie</a>
          {run.status === 'completed' && <a href={routeLink('language', ['stages', run.id])}>Stages to it</a>}
        </p>
      </section>
      <section className="stack gap-1">
        <h2>Examples it is trained on</h2>
        <ul>
          {taskShares(config).map((one) => (
            <Task key={one.task} {...one} />
          ))}
        </ul>
      </section>
      {shuffleIds === 0 && named.length > 0 && (
        <section className="stack gap-1">
          <h2>
            IDs and titles <span className="muted">most popular items</span>
          </h2>
          <ul>
            {named.map(({ item, id, title, codes, collisionToken: number }) => (
              <li key={item} className="row line-below" style={{ minHeight: 28 }}>
                <IdTiles codes={codes} collisionToken={collisionToken ? number : 0} />
                <span className="clip" title={title ?? id}>
                  {title ?? id}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Beginning({ config: { weights, languageFrom, startFrom } }: { config: WordsConfig }) {
  if (weights !== '')
    return <a href={routeLink('language', ['model', weights])}>{weights.split(/[\\/]/).at(-1)}</a>;
  const run = startFrom || languageFrom;
  return run === '' ? 'nothing: from scratch' : <SourceLink id={run} />;
}

function Task({ task, share }: TaskShare) {
  return (
    <li className="grid middle gap-2 line-below" style={LINE}>
      <span>{task}</span>
      <Tiles filled={Math.round(TILES * share)} of={TILES} colour="var(--text-muted)" />
      <span className="text-end">{fixed(100 * share, 0)} %</span>
    </li>
  );
}
