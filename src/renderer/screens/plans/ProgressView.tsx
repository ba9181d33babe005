import { Clock, TriangleAlert } from 'lucide-react';
import { type KeyboardEvent, useRef } from 'react';
import { aboutText, spanText } from '../../../core/api/clock.ts';
import { metricDecimals, metricLabel } from '../../../core/api/metrics.ts';
import type { PlanBlock, PlanCell, PlanFailure, PlanProgress, PlanRun } from '../../../core/api/plans.ts';
import { settingsText } from '../../../core/api/studies.ts';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { Button, Icon } from '../../components/Button.tsx';
import { Answer } from '../../components/Screen.tsx';
import { ScreenFoot, Statement } from '../../components/Statement.tsx';
import { fixed } from '../../format/format.ts';
import { compareRuns } from '../../runs/changes.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { api, client, useKeptQuery } from '../../state/api.ts';
import { useMedia } from '../../state/media.ts';
import { goTo, routeLink } from '../../state/navigation.ts';
import { useNow } from '../../state/now.ts';
import { attempt } from '../../state/toasts.ts';
import { PlanTiles, trialStates } from './PlanTiles.tsx';
import { nowText, tablesText, wentOnText } from './plan-words.ts';

/** How far a plan is. */
export function ProgressView({ plan }: { plan: string }) {
  const query = useKeptQuery(api.plans.progress.queryOptions({ input: { plan } }));
  return <Answer query={query}>{(progress) => <Progress progress={progress} />}</Answer>;
}

/** The right column goes below where there is no room for both. */
const COLUMNS = { wide: 'minmax(0, 1fr) 300px', narrow: 'minmax(0, 1fr)' };

/** What has failed and what has diverged look alike. */
const LEGEND = [
  ['done', 'done'],
  ['running', 'running'],
  ['open', 'to come'],
  ['failed', 'failed or diverged'],
] as const;

function Progress({ progress }: { progress: PlanProgress }) {
  const { head, done, total, tables, wrong, notes } = progress;
  const now = useNow(15_000);
  const isNarrow = useMedia('(width <= 1180px)');
  const isPaused = head.state === 'paused';
  const wentOn = head.state === 'running' ? wentOnText(head.wentOnAt, now) : null;
  return (
    <div className="column tall">
      <Statement
        large
        fact={isPaused ? `Paused at ${done} of ${total}` : `${done} of ${total} runs done.`}
        limit={isPaused ? '; nothing of it begins.' : ` ${done === total ? '' : tablesText(tables, now)}`}
      >
        {[nowText(progress), wentOn].filter(Boolean).join(' ')}
      </Statement>
      <div
        className="inset grid gap-6"
        style={{ gridTemplateColumns: COLUMNS[isNarrow ? 'narrow' : 'wide'] }}
      >
        <div className="stack packed">
          <Matrix progress={progress} />
          {wrong.map((failure) => (
            <Failure key={failure.run} failure={failure} />
          ))}
          {notes.map((note) => (
            <p key={note} className="row warning line-below bar-inset">
              <Icon of={Clock} />
              {note}
            </p>
          ))}
          <Chosen progress={progress} />
        </div>
        <aside className="stack packed" aria-label="Time">
          <Time progress={progress} />
          <Runs title="Now" runs={progress.now} now={now} />
          <Runs
            title="Next"
            aside={progress.waiting > 0 ? `${progress.waiting} wait` : ''}
            runs={progress.next}
            now={now}
          />
        </aside>
      </div>
      <ScreenFoot>
        <span className="row">
          {LEGEND.map(([state, title]) => (
            <span key={state} className="row gap-1">
              <PlanTiles states={[state]} colour="var(--text)" size={10} gap={0} line={1} />
              {title}
            </span>
          ))}
        </span>
        <span className="push">
          Small tiles: trials, on validation. Large: seeds of the chosen setting, tested. Enter opens a cell.
        </span>
      </ScreenFoot>
    </div>
  );
}

/** Of a cell: 20 trials a line, three seeds, a value. */
const PARTS = { gridTemplateColumns: '107px 48px 64px' };

const STEPS: Readonly<Record<string, readonly [row: number, column: number]>> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
};

/** Models over blocks; arrow keys move between the cells. */
function Matrix({ progress: { models, blocks, metric } }: { progress: PlanProgress }) {
  const table = useRef<HTMLTableElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const from = (event.target as HTMLElement).dataset.cell?.split(' ').map(Number);
    if (!step || !from) return;
    const to = `${from[0] + step[0]} ${from[1] + step[1]}`;
    const next = table.current?.querySelector<HTMLElement>(`[data-cell="${to}"]`);
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  const running = blocks.some(({ cells }) =>
    cells.some(({ seeds }) => seeds.some(({ state }) => state !== 'done')),
  );
  // What nobody chooses and is done is of no news while others train.
  const shown = models.filter(({ entry }) => {
    const cells = blocks.flatMap((block) => block.cells.filter((cell) => cell.entry === entry));
    return (
      !running ||
      cells.some(({ trials, seeds }) => trials !== null || seeds.length > 1 || seeds[0]?.state !== 'done')
    );
  });
  return (
    <div className="static-table-box">
      <table ref={table} className="static-table" style={{ width: '100%', minWidth: 0 }} onKeyDown={move}>
        <thead>
          <tr>
            <th scope="col">Model</th>
            {blocks.map(({ dataset, title, table: at }) => (
              <th key={`${at} ${title}`} scope="col">
                <b>{dataset}</b> {title}
                <span className="grid gap-2" style={PARTS} aria-hidden="true">
                  <span>Trials</span>
                  <span>Seeds</span>
                  <span>{metricLabel(metric)}</span>
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((model, row) => (
            <tr key={model.entry}>
              <th scope="row">
                <RunTile model={model.model} /> {model.name}
              </th>
              {blocks.map((block, column) => {
                const cell = block.cells.find(({ entry }) => entry === model.entry);
                return (
                  <td key={`${block.table} ${block.title}`} style={{ height: 50 }}>
                    {cell ? (
                      <Cell {...{ cell, block, metric, model }} place={`${row} ${column}`} />
                    ) : (
                      <span className="muted">not in this table</span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CellProps {
  cell: PlanCell;
  block: PlanBlock;
  model: { model: string; name: string };
  metric: string;
  /** Row and column. */
  place: string;
}

function Cell({ cell, block, model, metric, place }: CellProps) {
  const { trials, seeds, value, best } = cell;
  const colour = useModelColour(model.model);
  const states = seeds.map(({ state }) => state);
  const decimals = metricDecimals(metric);
  const isSearching = trials !== null && trials.done < trials.total;
  const below = isSearching
    ? `${trials.done} of ${trials.total}`
    : best !== null
      ? `best ${fixed(best, decimals)}`
      : trials === null
        ? 'as given'
        : '';
  const open = () => openCell(cell);
  return (
    <button
      type="button"
      className="bare grid gap-2 middle text-start holds"
      style={PARTS}
      data-cell={place}
      onClick={open}
    >
      <span>
        <span className="visually-hidden">{`${model.name} on ${block.dataset}, ${block.title}`}</span>
        {trials && <PlanTiles states={trialStates(trials)} colour={colour} size={4} gap={1.4} line={20} />}
      </span>
      <PlanTiles states={states} colour={colour} size={12} gap={3} line={3} />
      <span>
        <b className="block">{fixed(value, decimals)}</b>
        <small className="muted nowrap">{below}</small>
      </span>
    </button>
  );
}

/** The search while it is made, then its runs. */
function openCell({ trials, seeds }: PlanCell): void {
  const runs = seeds.flatMap(({ run }) => run ?? []);
  if (trials?.study && (trials.done < trials.total || runs.length === 0)) goTo('sweeps', [trials.study]);
  else if (runs.length === 1) goTo('run', [runs[0]]);
  else if (runs.length > 1) compareRuns(runs);
}

function Failure({ failure }: { failure: PlanFailure }) {
  const { run, title, status, message, saved, left } = failure;
  const kept = saved > 0 ? `Saved through epoch ${saved}.` : 'It begins anew.';
  return (
    <div className="grid last-fits gap-3 middle line-below bar-inset" role="alert">
      <span className="row top">
        <span className="bad">
          <Icon of={TriangleAlert} />
        </span>
        <span>
          <b className="bad breaks">
            {title}: {message ?? status}
          </b>
          <small className="block muted">{kept} The other seeds and tables continue.</small>
        </span>
      </span>
      <span className="row">
        <Button
          onClick={() => void attempt('Could not queue the run again', () => client.queue.requeue({ run }))}
        >
          Resume{left && Number.isFinite(left.high) ? `, ${spanText(left)}` : ''}
        </Button>
        <Button kind="quiet" onClick={() => goTo('run', [run])}>
          Open
        </Button>
      </span>
    </div>
  );
}

/** What searches have chosen. */
function Chosen({ progress: { blocks, models } }: { progress: PlanProgress }) {
  const chosen = blocks.flatMap(({ dataset, title, cells }) =>
    cells.flatMap(({ entry, chosen: settings, best, repeats }) => {
      const model = models.find((one) => one.entry === entry);
      return settings && model && !repeats
        ? [{ ...model, settings, best, place: `${dataset}, ${title}` }]
        : [];
    }),
  );
  if (chosen.length === 0) return null;
  return (
    <section className="stack">
      <h2>
        Chosen so far <span className="muted">by validation</span>
      </h2>
      <ul className="panels" style={{ '--least': '240px' } as object}>
        {chosen.map(({ entry, model, name, settings, place }) => (
          <li key={`${entry} ${place}`} className="line-below">
            <RunTile model={model} /> {name} <small className="muted">{place}</small>
            <span className="block">{settingsText(settings)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const QUARTER = 900;
const LINE = 16;

function Time({ progress: { spent, left, now } }: { progress: PlanProgress }) {
  const known = Number.isFinite(left.high);
  const toCome = known ? (left.low + left.high) / 2 : left.low;
  // At most a screen of them.
  const unit = Math.max(QUARTER, QUARTER * Math.ceil((spent + toCome) / QUARTER / (6 * LINE)));
  const count = (seconds: number) => Math.ceil(seconds / unit);
  const states = [
    ...Array.from({ length: count(spent) }, () => 'done' as const),
    ...now.map(() => 'running' as const),
    ...Array.from({ length: Math.max(0, count(toCome) - now.length) }, () => 'open' as const),
  ];
  return (
    <section className="stack">
      <h2>
        Time <span className="muted">done, running, to come</span>
      </h2>
      <PlanTiles states={states} colour="var(--text-muted)" size={12} gap={5} line={LINE} />
      <p className="small muted">
        A tile is {aboutText(unit)} of one machine. {aboutText(spent)} spent
        {(toCome > 0 || !known) && `, ${known ? '' : 'at least '}${aboutText(toCome)} to come`}.
      </p>
    </section>
  );
}

interface RunsProps {
  title: string;
  aside?: string;
  runs: readonly PlanRun[];
  now: number;
}

function Runs({ title, aside, runs }: RunsProps) {
  if (runs.length === 0) return null;
  return (
    <section className="stack">
      <h2>
        {title} {aside && <span className="muted">{aside}</span>}
      </h2>
      <ul>
        {runs.map(({ run, model, title: name, left, place }) => (
          <li key={run} className="row spread line-below">
            <a className="row-link row shrinks" href={routeLink('run', [run])}>
              <RunTile model={model} />
              <span className="clip">{name}</span>
            </a>
            <span className="muted nowrap">
              {place !== null && `${place}, `}
              {spanText(left)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
