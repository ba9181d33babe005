import { useQuery } from '@tanstack/react-query';
import { FolderOpen, Upload } from 'lucide-react';
import { useMemo, useState } from 'react';
import { DataFolderDialog } from '../../app/DataFolderDialog.tsx';
import { FilePicker } from '../../app/FilePicker.tsx';
import { SampleButton } from '../../app/SampleButton.tsx';
import { useChartColours } from '../../charts/use-chart-colours.ts';
import { Button, Icon } from '../../components/Button.tsx';
import { Mark } from '../../components/Mark.tsx';
import { bytesText, countText } from '../../format/format.ts';
import { api } from '../../state/api.ts';

const FORMATS = ['CSV', 'TSV', 'Parquet', 'JSON lines', 'RecBole .inter', 'MovieLens', 'KuaiRand', '.gz'];

const STEPS = [
  ['Check the import.', 'Columns get their roles, bad rows are shown, and filters say what remains.'],
  ['Compare starter models.', 'Popularity, ItemKNN, EASE and SASRec train in one click.'],
  ['Look inside.', 'Recommendations per user, Semantic IDs and codebooks, scaling laws, reports.'],
] as const;

/** Three doors: data of one's own, the sample set, an existing folder. */
export function FirstLaunch() {
  const [opening, setOpening] = useState(false);
  const { data: system } = useQuery(api.settings.system.queryOptions());
  return (
    <main className="column shrinks flattens tall scrolls">
      <div className="first-page inset">
        <h1>Start with a data set</h1>
        <p className="muted">
          Train, compare and look inside recommendation models. Everything stays on this machine.
        </p>
        <div className="first-doors grid gap-4">
          <section className="first-drop framed grid at-start gap-2 holds surface" aria-label="Your data">
            <Mosaic />
            <div className="first-drop-text stack packed at-start holds">
              <span className="first-icon grid" data-main>
                <Icon of={Upload} />
              </span>
              <h2 className="verdict">Drop your data here</h2>
              <p className="muted">
                Interactions, items or click logs. You check every column before anything is imported.
              </p>
              <ul className="flex gap-1 wrap packed" aria-label="Formats">
                {FORMATS.map((format) => (
                  <li key={format} className="chip">
                    {format}
                  </li>
                ))}
              </ul>
              <div className="row">
                <FilePicker primary />
              </div>
            </div>
          </section>
          <section className="first-door framed grid at-start gap-2" aria-label="The sample set">
            <span className="first-icon grid">
              <Mark size={16} />
            </span>
            <h2>Use the sample set</h2>
            <p className="muted">
              A generated film club: 3,000 users, titles and genres. Its baselines train in seconds.
            </p>
            <SampleButton />
          </section>
          <section className="first-door framed grid at-start gap-2" aria-label="An existing folder">
            <span className="first-icon grid">
              <Icon of={FolderOpen} />
            </span>
            <h2>Open a folder</h2>
            <p className="muted">Runs, checkpoints and data sets from another machine or a colleague.</p>
            <Button onClick={() => setOpening(true)}>Open folder</Button>
          </section>
        </div>
        <ol className="first-steps grid gap-6">
          {STEPS.map(([what, how]) => (
            <li key={what}>
              <strong className="strong">{what}</strong> <span className="muted">{how}</span>
            </li>
          ))}
        </ol>
      </div>
      {system && (
        <p className="first-foot muted small line-above">
          {countText(system.threads, 'processor thread')}, {bytesText(system.memoryBytes)} memory
          {system.freeBytes !== null && `, ${bytesText(system.freeBytes)} free in ${system.home}`}
        </p>
      )}
      {opening && <DataFolderDialog first={null} onClose={() => setOpening(false)} />}
    </main>
  );
}

const [COLUMNS, ROWS, STEP, SIZE] = [26, 25, 14, 11];
/** Columns at the right that are in order; to the left tiles lie ever further apart. */
const ORDERED = 12;

interface Tile {
  x: number;
  y: number;
  turn: number;
  colour: number;
  opacity: number;
}

/** The same scattered numbers in [0, 1) in every window. */
function scatter(): () => number {
  let state = 7;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

function tiles(): Tile[] {
  const next = scatter();
  return Array.from({ length: COLUMNS * ROWS }, (_, index): Tile => {
    const [column, row] = [index % COLUMNS, Math.floor(index / COLUMNS)];
    const loose = Math.max(0, 1 - column / (COLUMNS - ORDERED));
    const spread = loose * 2.4 * STEP;
    const block = (Math.floor(row / 5) * 3 + Math.floor(column / 6)) % 8;
    return {
      x: column * STEP + (next() - 0.5) * spread,
      y: row * STEP + (next() - 0.5) * spread,
      turn: (next() - 0.5) * 90 * loose,
      colour: next() < 0.8 * (1 - loose) + 0.1 ? block : Math.floor(next() * 8),
      opacity: next() < loose * 0.96 ? 0 : 0.45 + 0.55 * next(),
    };
  }).filter(({ opacity }) => opacity > 0);
}

/** Loose tiles that fall into order: what importing data and learning codes do. */
function Mosaic() {
  const { palette } = useChartColours();
  const all = useMemo(tiles, []);
  return (
    <svg
      className="first-mosaic"
      viewBox={`0 0 ${COLUMNS * STEP} ${ROWS * STEP}`}
      preserveAspectRatio="xMaxYMid slice"
      aria-hidden="true"
    >
      {all.map(({ x, y, turn, colour, opacity }) => (
        <rect
          key={`${x} ${y}`}
          x={x}
          y={y}
          width={SIZE}
          height={SIZE}
          rx={2}
          fill={palette[colour]}
          opacity={opacity}
          transform={`rotate(${turn} ${x + SIZE / 2} ${y + SIZE / 2})`}
        />
      ))}
    </svg>
  );
}
