import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { CodebookMap, MapChoice, MapProgress } from '../../../../core/api/codebooks.ts';
import { useRoom } from '../../../charts/use-room.ts';
import { Button } from '../../../components/Button.tsx';
import { CheckField } from '../../../components/controls.tsx';
import { Working } from '../../../components/Progress.tsx';
import { EmptyState, Problem } from '../../../components/Screen.tsx';
import { Select } from '../../../components/Select.tsx';
import { countText, durationText, fixed, grouped, idText } from '../../../format/format.ts';
import { api, client, useKeptQuery } from '../../../state/api.ts';
import { useDebounced } from '../../../state/debounced.ts';
import { useChoice } from '../../../state/navigation.ts';
import { type ProgressQuery, useProgressQuery } from '../../../state/use-progress-query.ts';
import { CategoryLegend } from '../categories/CategoryLegend.tsx';
import { CategoryPanel } from '../categories/CategoryPanel.tsx';
import { Narrowed } from '../Narrowed.tsx';
import { isNarrowed, useWorkbench } from '../workbench.ts';
import { VectorsFigure } from './VectorsFigure.tsx';
import type { MapLook } from './vectors-drawing.ts';

const POINT_REST_MS = 60;

/** The items by their vectors, or by what is left of them before a level. */
export function VectorsTab() {
  return <Narrowed>{(categories) => <VectorsMap categories={categories} />}</Narrowed>;
}

function VectorsMap({ categories }: { categories: readonly string[] }) {
  const { facts, view } = useWorkbench();
  const levels = facts.codebookSizes.map((_, level) => String(level));
  const [space, setSpace] = useChoice('space', ['vectors', ...levels]);
  const [method, setMethod] = useChoice('layout', ['pca', 'umap']);
  const [colour, setColour] = useChoice('colour', [
    ...(categories.length > 0 ? ['category'] : []),
    ...levels,
  ]);
  const choice: MapChoice =
    space === 'vectors' ? { space, level: 0, method } : { space: 'residual', level: Number(space), method };
  const [showCodes, setShowCodes] = useState(false);
  const [below, room] = useRoom<HTMLDivElement>();
  const input = { ...view, map: choice };
  const drawing = useProgressQuery<MapProgress, CodebookMap>(
    api.codebooks.map.key({ type: 'query', input }),
    (signal) => client.codebooks.map(input, { signal }),
    ({ stage }) => stage,
  );
  if (facts.vectorDim === null) {
    return (
      <EmptyState
        title="No vectors to draw"
        text="This run keeps only the IDs of its items. Tokenisers that Tessera trains keep the vectors they were made from; imported IDs get them where the run names an encoder."
      />
    );
  }
  const spaces = [
    { value: 'vectors', label: 'Item vectors' },
    ...facts.codebookSizes.map((_, level) => ({
      value: String(level),
      label: level === 0 ? 'Input to level 1' : `Residual before level ${level + 1}`,
    })),
  ];
  return (
    <div className="codebook-flow flow">
      <div className="row wrap gap-3">
        <Select aria-label="What is drawn" value={space} choices={spaces} onValue={setSpace} />
        <Select
          aria-label="Layout"
          value={method}
          choices={[
            { value: 'pca', label: 'PCA' },
            { value: 'umap', label: 'UMAP' },
          ]}
          onValue={setMethod}
        />
        <Select
          aria-label="Colour of the items"
          value={colour}
          choices={[
            ...(categories.length > 0 ? [{ value: 'category', label: 'Coloured by category' }] : []),
            ...facts.codebookSizes.map((_, level) => ({
              value: String(level),
              label: `Coloured by code of level ${level + 1}`,
            })),
          ]}
          onValue={setColour}
        />
        {choice.space === 'residual' && (
          <CheckField label="Code vectors" value={showCodes} onValue={setShowCodes} />
        )}
        {facts.codeVectors === 'means' && choice.space === 'residual' && (
          <span className="muted">This run has no vectors of its codes: shown are means of their items</span>
        )}
      </div>
      {colour === 'category' && <CategoryLegend categories={categories} />}
      {drawing.error !== null && !drawing.working ? (
        <Problem query={drawing} />
      ) : drawing.data ? (
        <DrawnMap
          map={drawing.data}
          categories={categories}
          choice={choice}
          colour={colour === 'category' ? 'category' : Number(colour)}
          showCodes={showCodes}
        />
      ) : drawing.working ? (
        <Drawing drawing={drawing} />
      ) : (
        <EmptyState title="The layout was cancelled">
          <Button onClick={drawing.refetch}>Lay out again</Button>
        </EmptyState>
      )}
      <div ref={below}>
        <CategoryPanel categories={categories} room={room} />
      </div>
    </div>
  );
}

function Drawing({ drawing: { progress, cancel } }: { drawing: ProgressQuery<MapProgress, CodebookMap> }) {
  if (!progress) return <p className="muted panel-inset">Reading the vectors</p>;
  const { stage, done, total, seconds } = progress;
  const label = stage === 'neighbours' ? 'Finding the nearest neighbours' : 'Laying the items out';
  const left = done > 0 ? `, ${durationText((seconds / done) * (total - done))} left` : '';
  const unit = stage === 'neighbours' ? 'items' : 'epochs';
  return (
    <Working
      label={label}
      fraction={done / total}
      detail={`${grouped(done)} of ${grouped(total)} ${unit}${left}`}
      onCancel={cancel}
    />
  );
}

interface DrawnMapProps {
  map: CodebookMap;
  categories: readonly string[];
  choice: MapChoice;
  colour: number | 'category';
  showCodes: boolean;
}

function DrawnMap({ map, categories, choice, colour, showCodes }: DrawnMapProps) {
  const workbench = useWorkbench();
  const { facts, selected, place, change, setLasso, view } = workbench;
  const { levels } = facts;
  const narrowed = isNarrowed(workbench);
  const [pointed, setPointed] = useState<number | null>(null);
  const { data: bits } = useKeptQuery({
    ...api.codebooks.mapSelection.queryOptions({ input: { ...selected, map: choice } }),
    enabled: narrowed,
  });
  const chosen = useMemo(() => (narrowed && bits ? bytesOf(bits.bits) : null), [narrowed, bits]);
  const look = useMemo(
    (): MapLook => ({ map, categories, levels, colour, selected: chosen, showCodes, item: place.item }),
    [map, categories, levels, colour, chosen, showCodes, place.item],
  );
  const rest = useDebounced(pointed, POINT_REST_MS);
  const { data: names } = useQuery({
    ...api.codebooks.names.queryOptions({
      input: { ...view, items: rest === null ? [] : [map.items[rest]] },
    }),
    enabled: rest !== null,
  });
  const describe = (at: number) => {
    const id = idText(map.codes.slice(at * levels, (at + 1) * levels));
    const named = names?.find(({ item }) => item === map.items[at]);
    return named ? `${named.title ?? named.id} ${id}` : id;
  };
  const lasso = selected.selection.lasso;
  const here = lasso && JSON.stringify(lasso.map) === JSON.stringify(choice) ? lasso.polygon : null;
  const title = choice.space === 'vectors' ? 'Item vectors' : `Before level ${choice.level + 1}`;
  return (
    <>
      <VectorsFigure
        title={`${title}, ${choice.method === 'pca' ? 'PCA' : 'UMAP'}`}
        fileName={`${facts.name}-map`}
        look={look}
        lasso={here}
        onLasso={(polygon) => setLasso(polygon && { map: choice, polygon })}
        onItem={(item) => change({ item })}
        describe={describe}
        onPoint={setPointed}
      />
      <p className="muted">
        {map.items.length < map.of
          ? `${grouped(map.items.length)} of ${grouped(map.of)} items, evenly taken`
          : countText(map.items.length, 'item')}
        {map.explained && `; the two axes explain ${fixed(100 * sum(map.explained), 1)} % of the variance`}
        {narrowed && bits && `; ${grouped(bits.count)} of those drawn are selected`}
      </p>
    </>
  );
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
