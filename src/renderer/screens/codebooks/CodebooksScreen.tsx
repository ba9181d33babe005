import { useQuery } from '@tanstack/react-query';
import { Presentation } from 'lucide-react';
import { useState } from 'react';
import type { CodebookFacts, CodebookView, CodeMap, TokeniserEntry } from '../../../core/api/codebooks.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { ActionButton, Button } from '../../components/Button.tsx';
import { type Column, column } from '../../components/columns.ts';
import { copyText } from '../../components/copy.ts';
import { Chip } from '../../components/lists.tsx';
import { MoreMenu } from '../../components/Menu.tsx';
import { EmptyState, Missing, Screen } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { type Tab, Tabs } from '../../components/Tabs.tsx';
import { tableText } from '../../components/table-text.ts';
import { capital, countText } from '../../format/format.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { api, queryClient } from '../../state/api.ts';
import { goTo } from '../../state/navigation.ts';
import { attempt } from '../../state/toasts.ts';
import { BeamTab } from './beam/BeamTab.tsx';
import { FIRST_VIEW, useCodebookRoute } from './codebook-route.ts';
import { CollisionsTab } from './collisions/CollisionsTab.tsx';
import { ItemCard } from './items/ItemCard.tsx';
import { ItemsPane } from './items/ItemsPane.tsx';
import { ColourChoice } from './map/ColourChoice.tsx';
import { MapTab } from './map/MapTab.tsx';
import { blockOf } from './map/map-scene.ts';
import { iterationText, sizeText } from './map/map-words.ts';
import { Narrowed } from './Narrowed.tsx';
import { HeatTab } from './pairs/HeatTab.tsx';
import { PictureDialog } from './picture/PictureDialog.tsx';
import { PrefixesTab } from './prefixes/PrefixesTab.tsx';
import { type MeasureRow, measureTable, valueText } from './quality/measures.ts';
import { TimeTab } from './quality/TimeTab.tsx';
import { TokeniserChoice } from './Toolbar.tsx';
import { TokenisersTab } from './tokenisers/TokenisersTab.tsx';
import {
  isNarrowed,
  useMakeWorkbench,
  useTransientView,
  useWorkbench,
  WorkbenchContext,
  type Workbench as WorkbenchValue,
} from './workbench.ts';
import '../../runs/runs.css';
import './codebooks.css';

/** While a tokeniser trains, how often it is looked at for another saved state. */
const LOOK_MS = 3_000;

/** The Semantic IDs of a catalogue: how the codes are used, by whom, and what stands behind each of them. */
export default function CodebooksScreen() {
  const [place] = useCodebookRoute();
  const runs = useQuery(api.codebooks.list.queryOptions());
  const run = place.run ?? runs.data?.[0]?.run;
  const facts = useQuery({
    ...api.codebooks.facts.queryOptions({ input: { run: run ?? '' } }),
    enabled: run !== undefined,
    refetchInterval: ({ state }) => (state.data?.isTraining ? LOOK_MS : false),
  });
  const entry = facts.data;
  const actions = tokeniserActions(entry?.dataset.name);
  useRegisteredActions(actions);
  if (entry && runs.data)
    return <Workbench key={entry.run} facts={entry} runs={runs.data} actions={actions} />;
  return (
    <Screen title="Codebooks">
      {runs.data && run === undefined ? (
        <NoTokenisers training={actions[0]} importing={actions[1]} />
      ) : (
        <Missing query={runs.error ? runs : facts} />
      )}
    </Screen>
  );
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
      short: 'Import IDs',
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
        <ActionButton kind="primary" action={training} />
        <ActionButton action={importing} />
      </div>
    </EmptyState>
  );
}

interface WorkbenchProps {
  facts: CodebookFacts;
  runs: readonly TokeniserEntry[];
  actions: readonly Action[];
}

/** Which state of the training is shown, where that is not the one that counts. */
function stateText({ facts, view }: WorkbenchValue): string {
  const shown = iterationText(facts, view);
  if (facts.isTraining) return `Training, ${shown}`;
  return (view.step ?? facts.selected) === facts.selected ? '' : capital(shown);
}

/** Behind "…", and a tab once it is looked at. */
const FURTHER: Tab[] = [
  { id: 'prefixes', title: 'Prefixes', content: <PrefixesTab /> },
  { id: 'pairs', title: 'Pairs', content: <HeatTab /> },
];

function Workbench({ facts, runs, actions }: WorkbenchProps) {
  const [place, change] = useCodebookRoute();
  const [isPicturing, setPicturing] = useState(false);
  const workbench = useMakeWorkbench(facts, place, (changes) => change({ run: facts.run, ...changes }));
  const show = (view: string) => workbench.change({ view });
  const copyCodes = () => copyCodesOf(workbench.view);
  const picture: Action = {
    ...{ id: 'codebooks.picture', label: 'Picture of the codebook', group: 'File', shortcut: 'P' },
    icon: Presentation,
    perform: () => setPicturing(true),
  };
  useRegisteredActions([
    picture,
    {
      ...{ id: 'codebooks.clear', label: 'Clear the selection', group: 'Edit', shortcut: 'Escape' },
      enabled: () => isNarrowed(workbench) || place.item !== null,
      perform: () => (place.item === null ? workbench.clear() : workbench.change({ item: null })),
    },
    {
      ...{ id: 'codebooks.item', label: 'Find an item', group: 'View', shortcut: '/' },
      perform() {
        useTransientView.setState({ isFinding: true });
        workbench.change({ view: 'item', item: null });
      },
    },
  ]);
  const tabs: Tab[] = [
    { id: 'map', title: 'Map', content: <MapTab /> },
    { id: 'item', title: 'Item', content: <ItemTab /> },
    { id: 'collisions', title: 'Collisions', content: <CollisionsTab /> },
    { id: 'training', title: 'Training', content: <TimeTab /> },
    { id: 'tokenisers', title: 'Two tokenisers', content: <TokenisersTab runs={runs} /> },
    { id: 'measures', title: 'Measures', content: <MeasuresTab /> },
    { id: 'beam', title: 'Beam', content: <BeamTab /> },
    ...FURTHER.filter(({ id }) => id === place.view),
  ];
  const current = tabs.some(({ id }) => id === place.view) ? place.view : FIRST_VIEW;
  return (
    <WorkbenchContext value={workbench}>
      <Screen
        title="Codebooks"
        aside={
          <>
            <TokeniserChoice runs={runs} />
            <span className="muted clip wide-only">{sizeText(facts)}</span>
            {stateText(workbench) && <Chip tone="line">{stateText(workbench)}</Chip>}
          </>
        }
        actions={
          <>
            <Button onClick={() => show('tokenisers')}>Compare two</Button>
            <ActionButton action={picture}>
              Picture <kbd>Shift P</kbd>
            </ActionButton>
            <MoreMenu
              label="More about codebooks"
              choices={[
                ...FURTHER.map(({ id, title }) => ({ label: title, perform: () => show(id) })),
                null,
                { label: 'Copy the codes as CSV', perform: copyCodes },
                { label: 'Open run', perform: () => goTo('run', [facts.run]) },
                ...actions,
              ]}
            />
          </>
        }
      >
        <Tabs
          label="Views of the codebooks"
          tabs={tabs}
          current={current}
          aside={current === 'map' && <ColourChoice />}
          onChange={(view) => change({ run: facts.run, view })}
        />
        {isPicturing && <PictureDialog onClose={() => setPicturing(false)} />}
      </Screen>
    </WorkbenchContext>
  );
}

/** One item and its codes, or a list to find it in. */
function ItemTab() {
  const { place } = useWorkbench();
  return place.item === null ? <Narrowed>{() => <ItemsPane />}</Narrowed> : <ItemCard item={place.item} />;
}

type Row = ReturnType<typeof blockOf> & { code: number };

/** Puts the first codes with what their items are on the clipboard. */
async function copyCodesOf(view: CodebookView): Promise<void> {
  await attempt('Could not copy the codes', async () => {
    const input = { ...view, root: [] };
    const map = await queryClient.fetchQuery(api.codebooks.codeMap.queryOptions({ input }));
    const rows = [...map.cells.keys()].map((code) => ({ code, ...blockOf(map, code) }));
    await copyText(tableText(columnsOf(map), rows, 'csv'), `Copied ${countText(rows.length, 'code')} as CSV`);
  });
}

function columnsOf({ categories }: CodeMap): Column<Row>[] {
  return [
    column('code', 'Code', 'number', ({ code }) => code),
    column('items', 'Items', 'number', ({ items }) => items),
    column('interactions', 'Interactions', 'number', ({ interactions }) => interactions),
    column('sharing', 'Share an ID', 'number', ({ sharing }) => sharing),
    column('category', 'Category', 'text', ({ kind }) => categories[kind]?.name ?? ''),
    column('share', 'Share of the category', 'metric', ({ share, kind }) => (kind < 0 ? null : share), 3),
  ];
}

/** Of the whole, and of vectors before any code is taken from them. */
const TITLES: Record<string, string> = { '': 'Whole ID', 0: 'Input' };

/** The run's own measures of its Semantic IDs, as they stand in comparisons and reports. */
function MeasuresTab() {
  const { facts } = useWorkbench();
  if (facts.measures.length === 0) {
    return (
      <EmptyState
        title="No measures"
        text="This run has no measures of its IDs yet. The other views show how its codes are used."
      />
    );
  }
  const { levels, rows } = measureTable(facts.measures);
  const columns: Column<MeasureRow>[] = [
    column('measure', 'Measure', 'text', ({ title }) => title),
    ...levels.map((level) =>
      column<MeasureRow>(level, TITLES[level] ?? `Level ${level}`, 'metric', ({ values }) => values[level], {
        text: ({ values, decimals }) => valueText(values[level], decimals),
      }),
    ),
  ];
  return (
    <div className="codebook-flow flow">
      <Table title="ID quality" columns={columns} rows={rows} />
    </div>
  );
}
