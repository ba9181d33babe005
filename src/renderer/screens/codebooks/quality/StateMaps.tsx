import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { CodebookFacts, CodeMap } from '../../../../core/api/codebooks.ts';
import { SceneBox } from '../../../charts/SceneFigure.tsx';
import { useChartColours } from '../../../charts/use-chart-colours.ts';
import { useWidth } from '../../../charts/use-width.ts';
import { api, useKeptAnswers } from '../../../state/api.ts';
import { useWorkbench } from '../workbench.ts';
import { stateScene } from './state-scene.ts';

const SHOWN = 4;
const GAP = 36;

/** The first codes at a few saved states, in the places that they have on the map. */
export function StateMaps({ onStep }: { onStep(step: number): void }) {
  const { facts, view } = useWorkbench();
  const states = useMemo(() => shownStates(facts.snapshots), [facts.snapshots]);
  const queries = useQueries({
    queries: states.map(({ step }) =>
      api.codebooks.codeMap.queryOptions({ input: { ...view, step, root: [] } }),
    ),
  });
  const maps = useKeptAnswers(
    states.map(({ step }) => String(step)),
    queries,
  );
  const [box, room] = useWidth<HTMLDivElement>(1_100);
  const current = view.step ?? facts.selected;
  const width = Math.floor((room - GAP * (SHOWN - 1)) / SHOWN);
  return (
    <div
      ref={box}
      className="state-maps grid"
      style={{ gridTemplateColumns: `repeat(${SHOWN}, ${width}px)` }}
    >
      {states.map(({ step, epoch }, at) => (
        <StateMap
          key={step}
          map={maps[at]}
          epoch={epoch}
          width={width}
          isCurrent={step === current}
          onChoose={() => onStep(step)}
        />
      ))}
    </div>
  );
}

/** The first and the last, and some between. */
export function shownStates(snapshots: CodebookFacts['snapshots']): CodebookFacts['snapshots'] {
  const count = Math.min(SHOWN, snapshots.length);
  return Array.from(
    { length: count },
    (_, at) => snapshots[Math.round((at * (snapshots.length - 1)) / Math.max(1, count - 1))],
  );
}

interface StateMapProps {
  map: CodeMap | undefined;
  epoch: number;
  width: number;
  isCurrent: boolean;
  onChoose(): void;
}

function StateMap({ map, epoch, width, isCurrent, onChoose }: StateMapProps) {
  const colours = useChartColours();
  const scene = useMemo(() => map && stateScene(map, width, colours), [map, width, colours]);
  const told = map?.levels[0].told;
  return (
    <div className="state-map grid gap-sign" data-current={isCurrent || undefined}>
      <p className="row spread">
        <strong>Iteration {epoch}</strong>
        {told != null && <span className="small muted">{Math.round(100 * told)} % told</span>}
      </p>
      {scene ? (
        <SceneBox scene={scene} label={`First codes after iteration ${epoch}`} onChoose={onChoose} />
      ) : (
        <div className="surface" style={{ height: width }} />
      )}
    </div>
  );
}
