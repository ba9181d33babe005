import { useQuery } from '@tanstack/react-query';
import { spanText } from '../../core/api/clock.ts';
import { metricLabel } from '../../core/api/metrics.ts';
import type { RunTableRow } from '../../core/api/runs.ts';
import { Sparkline } from '../charts/Sparkline.tsx';
import { useModelColour } from '../charts/use-chart-colours.ts';
import { Ago } from '../components/Ago.tsx';
import { type Fact, FactList } from '../components/lists.tsx';
import { durationText, fixed, grouped, meanText } from '../format/format.ts';
import { EpochTiles } from '../runs/EpochTiles.tsx';
import { useMainCurve } from '../runs/main-curve.ts';
import { RunStatus, wholeFraction } from '../runs/RunStatus.tsx';
import { RunTile } from '../runs/RunTile.tsx';
import { useTimeOf } from '../runs/use-clock.ts';
import { api } from '../state/api.ts';
import { useLive } from '../state/events.ts';
import { mainCell, rowContext, rowTitle } from './palette-runs.ts';

const WIDTH = 260;
const HEIGHT = 96;

/** A run beside the list: two numbers, its curve with the best earlier seed, its epochs, and four facts. */
export function PalettePreview({ row }: { row: RunTableRow }) {
  const colour = useModelColour(row.model);
  const { data: page } = useQuery(api.runs.show.queryOptions({ input: { run: row.id } }));
  const live = useLive((state) => state.progress[row.id]);
  const time = useTimeOf(row.id);
  const curve = useMainCurve(row.id, WIDTH);
  const earlier = useMainCurve(row.runs[1]?.id ?? row.id, WIDTH);
  const level = row.runs.length > 1 && earlier && !curve?.isLoss ? earlier.best : undefined;
  const main = mainCell(row);
  const run = page?.run;
  const left = row.status === 'running' ? time?.left : undefined;
  const facts: Fact[] = [
    ['Epochs', row.epochs === null ? '–' : grouped(row.epochs)],
    ['Parameters', row.parameters === null ? '–' : grouped(row.parameters)],
    ['Device', row.device ?? row.requestedDevice ?? '–'],
    ['Created', <Ago key="created" time={row.createdAt} />],
  ];
  return (
    <aside
      className="palette-preview column gap-2 rigid scrolls line-before surface page-inset"
      aria-label={`Preview of ${rowTitle(row)}`}
    >
      <div className="flex middle">
        <RunTile model={row.model} />
        <strong className="clip grow">{rowTitle(row)}</strong>
        <RunStatus status={row.status} run={row.id} message={row.message} />
      </div>
      <p className="muted">{rowContext(row)}</p>
      <dl className="grid gap-4 small" style={{ gridTemplateColumns: '1fr 1fr' }}>
        <div>
          <dt>{main ? metricLabel(main.metric) : (curve?.title ?? 'Result')}</dt>
          <dd className="headline strong">
            {main ? meanText({ ...main.cell, std: null }) : fixed(curve?.best, 4)}
          </dd>
        </div>
        <div>
          <dt>{left ? 'Time left' : 'Time'}</dt>
          <dd className="headline strong">{left ? spanText(left) : durationText(row.seconds)}</dd>
        </div>
      </dl>
      {curve && (
        <Sparkline
          label={curve.title}
          values={curve.values}
          colour={colour}
          width={WIDTH}
          height={HEIGHT}
          level={level}
        />
      )}
      {level !== undefined && (
        <p className="small muted text-end">
          Dashed: seed {row.runs[1].seed}, {fixed(level, 4)}
        </p>
      )}
      {(live || run?.epochs) && (
        <EpochTiles
          label="Epochs"
          fraction={live && row.status === 'running' ? wholeFraction(live) : 1}
          epochs={live?.epochs ?? run?.epochs ?? 1}
          colour={colour}
        />
      )}
      <FactList className="palette-facts small medium" width={104} facts={facts} />
    </aside>
  );
}
