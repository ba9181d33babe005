import { useQuery } from '@tanstack/react-query';
import { Upload } from 'lucide-react';
import type { CodebookFacts, CodebookStrips, TokeniserEntry } from '../../../core/api/codebooks.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { useRoom } from '../../charts/use-room.ts';
import { ActionButton, Button } from '../../components/Button.tsx';
import { Answer, EmptyState, Missing, Screen } from '../../components/Screen.tsx';
import { Tabs } from '../../components/Tabs.tsx';
import { countText, grouped } from '../../format/format.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { api, useKeptQuery } from '../../state/api.ts';
import { goTo } from '../../state/navigation.ts';
import { Breadcrumb } from './Breadcrumb.tsx';
import { BeamTab } from './beam/BeamTab.tsx';
import { CategoryLegend } from './categories/CategoryLegend.tsx';
import { CategoryPanel } from './categories/CategoryPanel.tsx';
import { FIRST_VIEW, useCodebookRoute } from './codebook-route.ts';
import { ItemCard } from './items/ItemCard.tsx';
import { ItemsPane } from './items/ItemsPane.tsx';
import { MapTab } from './map/MapTab.tsx';
import { StripsPanel } from './overview/StripsPanel.tsx';
import { TreePanel } from './overview/TreePanel.tsx';
import { HeatTab } from './pairs/HeatTab.tsx';
import { CollisionsTab } from './quality/CollisionsTab.tsx';
import { MeasuresTab } from './quality/MeasuresTab.tsx';
import { TimeTab } from './quality/TimeTab.tsx';
import { Toolbar } from './Toolbar.tsx';
import { TokenisersTab } from './tokenisers/TokenisersTab.tsx';
import { isNarrowed, useMakeWorkbench, WorkbenchContext } from './workbench.ts';
import '../../runs/runs.css';
import './codebooks.css';

/** The Semantic IDs of a catalogue: how the codes are used, by whom, and what stands behind each of them. */
export default function CodebooksScreen() {
  const [place] = useCodebookRoute();
  const runs = useQuery(api.codebooks.list.queryOptions());
  const run = place.run ?? runs.data?.[0]?.run;
  const facts = useQuery({
    ...api.codebooks.facts.queryOptions({ input: { run: run ?? '' } }),
    enabled: run !== undefined,
  });
  const entry = facts.data;
  const [training, importing] = tokeniserActions(entry?.dataset.name);
  useRegisteredActions([training, importing]);
  return (
    <Screen
      title="Codebooks"
      aside={entry && <span className="muted">{sizeText(entry)}</span>}
      actions={
        entry && (
          <>
            <Button onClick={() => goTo('run', [entry.run])}>Open run</Button>
            <ActionButton icon={Upload} action={importing}>
              Import IDs
            </ActionButton>
            <ActionButton kind="primary" action={training}>
              Train a tokeniser
            </ActionButton>
          </>
        )
      }
    >
      {runs.data && run === undefined ? (
        <NoTokenisers training={training} importing={importing} />
      ) : entry && runs.data ? (
        <Workbench key={entry.run} facts={entry} runs={runs.data} />
      ) : (
        <Missing query={runs.error ? runs : facts} />
      )}
    </Screen>
  );
}

function sizeText({ codebookSizes, items, withId }: CodebookFacts): string {
  const equal = codebookSizes.every((size) => size === codebookSizes[0]);
  const codes = equal ? `${codebookSizes.length} × ${codebookSizes[0]}` : codebookSizes.join(' × ');
  const without = items - withId;
  return `${codes} codes, ${countText(withId, 'item')}${without > 0 ? `, ${grouped(without)} without an ID` : ''}`;
}

/** The two ways to Semantic IDs, on a data set where one is shown. */
function tokeniserActions(dataset: string | undefined): [training: Action, importing: Action] {
  const on = dataset === undefined ? {} : { dataset };
  return [
    {
      id: 'codebooks.train',
      label: 'Train a tokeniser',
      group: 'Run',
      keywords: 'semantic ids rq-vae codebook',
      perform: () => openNewRun({ ...on, model: 'rq-vae' }),
    },
    {
      id: 'codebooks.import',
      label: 'Import Semantic IDs',
      group: 'File',
      keywords: 'json npy csv ids codes file',
      perform: () => openNewRun({ ...on, model: 'imported-ids' }),
    },
  ];
}

function NoTokenisers({ training, importing }: { training: Action; importing: Action }) {
  return (
    <EmptyState
      title="No Semantic IDs yet"
      text="A tokeniser gives every item a few codes from coarse to fine. Train one on a data set with titles or other texts (RQ-VAE, residual k-means), or import IDs that you have as a file: JSON, NumPy, CSV or Parquet."
    >
      <div className="row">
        <ActionButton kind="primary" action={training}>
          Train a tokeniser
        </ActionButton>
        <ActionButton action={importing}>Import IDs</ActionButton>
      </div>
    </EmptyState>
  );
}

function Workbench({ facts, runs }: { facts: CodebookFacts; runs: readonly TokeniserEntry[] }) {
  const [place, change] = useCodebookRoute();
  const workbench = useMakeWorkbench(facts, place, (changes) => change({ run: facts.run, ...changes }));
  useRegisteredActions([
    {
      id: 'codebooks.clear',
      label: 'Clear the selection',
      group: 'Edit',
      shortcut: 'Escape',
      enabled: () => isNarrowed(workbench) || place.item !== null,
      perform: () => (place.item === null ? workbench.clear() : workbench.change({ item: null })),
    },
  ]);
  const strips = useKeptQuery(api.codebooks.strips.queryOptions({ input: workbench.selected }));
  const { data, isPlaceholderData } = strips;
  const categories = data?.categories ?? NONE;
  const tabs = [
    {
      id: 'overview',
      title: 'Codes',
      content: (
        <Answer query={strips}>{(all) => <OverviewTab strips={all} stale={isPlaceholderData} />}</Answer>
      ),
    },
    {
      id: 'map',
      title: 'Map',
      content: <Answer query={strips}>{() => <MapTab categories={categories} />}</Answer>,
    },
    { id: 'pairs', title: 'Pairs', content: <HeatTab categories={categories} /> },
    { id: 'collisions', title: 'Collisions', content: <CollisionsTab /> },
    { id: 'time', title: 'Over time', content: <TimeTab /> },
    { id: 'measures', title: 'Measures', content: <MeasuresTab /> },
    { id: 'tokenisers', title: 'Two tokenisers', content: <TokenisersTab runs={runs} /> },
    { id: 'beam', title: 'Beam', content: <BeamTab /> },
  ];
  const current = tabs.some(({ id }) => id === place.view) ? place.view : FIRST_VIEW;
  return (
    <WorkbenchContext value={workbench}>
      <div className="codebook grid tall">
        <Toolbar runs={runs} />
        <Breadcrumb items={data?.items ?? null} interactions={data?.interactions ?? null} />
        <div className="codebook-main grid flattens">
          <div className="codebook-views shrinks flattens">
            <Tabs
              label="Views of the codebooks"
              tabs={tabs}
              current={current}
              onChange={(view) => change({ run: facts.run, view })}
            />
          </div>
          <aside className="codebook-side flattens line-before">
            {place.item === null ? <ItemsPane /> : <ItemCard item={place.item} />}
          </aside>
        </div>
      </div>
    </WorkbenchContext>
  );
}

const NONE: string[] = [];

/** The codes level by level, the tree of prefixes below the selected one, and its categories. */
function OverviewTab({ strips, stale }: { strips: CodebookStrips; stale: boolean }) {
  const [pair, room] = useRoom<HTMLDivElement>();
  return (
    <div className="codebook-flow flow">
      <CategoryLegend categories={strips.categories} />
      <StripsPanel strips={strips} stale={stale} />
      <div className="codebook-pair" ref={pair}>
        <TreePanel categories={strips.categories} room={room} />
        <CategoryPanel categories={strips.categories} room={room} />
      </div>
    </div>
  );
}
