import { TriangleAlert } from 'lucide-react';
import { untilText } from '../../../core/api/clock.ts';
import type { PlanCheck } from '../../../core/api/plans.ts';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { Button, Icon } from '../../components/Button.tsx';
import { Tiles } from '../../components/lists.tsx';
import { Segments } from '../../components/Segments.tsx';
import { bytesText, countText } from '../../format/format.ts';
import { useHosts } from '../../state/hosts.ts';
import { useNow } from '../../state/now.ts';
import { lengthText, takesText } from './plan-words.ts';

type Checked = NonNullable<PlanCheck['plan']>;
const HERE = 'here';

/** Below a line. */
const APART = { paddingTop: 12 };

interface TakesPanelProps {
  plan: Checked;
  hosts: readonly string[] | undefined;
  onHosts(hosts: string[] | undefined): void;
  /** Gives a model of the file so many trials. */
  onTrials(entry: number, trials: number): void;
}

/** What a plan takes: time, a row a model, budgets that are unequal, memory. */
export function TakesPanel({ plan, hosts, onHosts, onTrials }: TakesPanelProps) {
  const { takes, memory, unequal } = plan;
  const open = takes.missing + takes.trials;
  return (
    <aside
      className="scrolls surface line-before page-inset stack packed"
      aria-label="What it takes"
      tabIndex={-1}
    >
      <div>
        <h2 className="small">What it takes</h2>
        <p className="headline">
          <b>{open === 0 ? 'Nothing to train' : lengthText(takes.time)}</b>
        </p>
        <p className="small muted">{takesText(plan)}</p>
      </div>
      <WhereChoice hosts={hosts} onHosts={onHosts} />
      {open > 0 && <Ends plan={plan} places={hosts?.length ?? 1} />}
      <ModelTimes plan={plan} />
      {takes.otherVersions.length > 0 && (
        <p className="small muted">
          Runs of other versions of the program would do: {takes.otherVersions.join(', ')}. The command line
          takes them with --use-other-versions.
        </p>
      )}
      {unequal.length > 0 && <Unequal unequal={unequal} onTrials={onTrials} />}
      <dl className="facts">
        <div className="row spread">
          <dt>Memory, at most</dt>
          <dd>
            {memory.most === null ? 'Unknown' : `${bytesText(memory.most)} of ${bytesText(memory.machine)}`}
          </dd>
        </div>
      </dl>
    </aside>
  );
}

/** The best tuned model first, and a way to give each of the others as much. */
function Unequal({ unequal, onTrials }: { unequal: Checked['unequal'] } & Pick<TakesPanelProps, 'onTrials'>) {
  const [{ mostName, most }] = unequal;
  return (
    <section className="line-above stack" style={APART} aria-label="Budgets">
      <p className="row warning">
        <Icon of={TriangleAlert} />
        <b>Budgets are unequal</b>
      </p>
      <p className="small muted">
        {mostName} is the best of {countText(most, 'trial')}. The table says what the others had.
      </p>
      {unequal.map(({ entry, name, trials, time }) => (
        <p key={entry} className="grid gap-1 packed">
          <span className="small muted">
            {name} {trials <= 1 ? 'as given' : `best of ${trials}`}
          </span>
          <Button onClick={() => onTrials(entry, most)}>
            Give {name} {countText(most, 'trial')}
            {time && `, ${lengthText(time)}`}
          </Button>
        </p>
      ))}
    </section>
  );
}

/** Nothing where there is only this machine. */
function WhereChoice({ hosts, onHosts }: Pick<TakesPanelProps, 'hosts' | 'onHosts'>) {
  const { data = [] } = useHosts();
  if (data.length === 0) return null;
  return (
    <Segments
      label="Where it trains"
      choices={[
        { value: HERE, label: 'Here alone' },
        { value: 'all', label: `Here and ${countText(data.length, 'host')}` },
      ]}
      value={(hosts?.length ?? 1) > 1 ? 'all' : HERE}
      onValue={(value) => onHosts(value === HERE ? undefined : [HERE, ...data.map(({ name }) => name)])}
    />
  );
}

/** As if every place were as fast as this one. */
function Ends({ plan: { takes }, places }: { plan: Checked; places: number }) {
  const now = useNow(15_000);
  const { low, high } = takes.time;
  if (!Number.isFinite(high)) return <p className="small muted">Some of its models have no estimate.</p>;
  const at = now + (1000 * (low + high)) / 2 / places;
  return (
    <p>
      <b>Done about {untilText(at, now)}</b>
      {places > 1 && <small className="block muted">if each place is as fast as this machine</small>}
    </p>
  );
}

/** What a tile may stand for, with its words. */
const UNITS = [
  [60, 'a minute'],
  [600, '10 minutes'],
  [3600, 'an hour'],
  [4 * 3600, '4 hours'],
  [24 * 3600, 'a day'],
] as const;
const MOST_TILES = 9;

/** A row a model, with one size of tile for all. */
function ModelTimes({ plan: { takes } }: { plan: Checked }) {
  const rows = takes.blocks.flatMap(({ rows }) => rows.filter(({ repeats }) => !repeats));
  const models = [...Map.groupBy(rows, ({ entry }) => entry).values()].flatMap((some) => {
    const open = some.filter(({ trials, runs }) => (trials?.missing ?? 0) + runs.missing + runs.active > 0);
    if (open.length === 0) return [];
    const known = open.every(({ time }) => time && Number.isFinite(time.high));
    const seconds = open.reduce((sum, { time }) => sum + (time ? (time.low + time.high) / 2 : 0), 0);
    const [{ entry, name, model }] = some;
    return [{ entry, name, model, seconds: known ? seconds : null }];
  });
  if (models.length === 0) return null;
  const longest = Math.max(...models.map(({ seconds }) => seconds ?? 0));
  const [unit, words] = UNITS.find(([seconds]) => longest / seconds <= MOST_TILES) ?? UNITS[UNITS.length - 1];
  return (
    <section className="line-above stack" style={APART}>
      <ul className="grid gap-2">
        {models.map((one) => (
          <ModelTime key={one.entry} {...one} unit={unit} />
        ))}
      </ul>
      <p className="small muted">A tile is {words} on this machine.</p>
    </section>
  );
}

interface ModelTimeProps {
  name: string;
  model: string;
  seconds: number | null;
  unit: number;
}

function ModelTime({ name, model, seconds, unit }: ModelTimeProps) {
  const colour = useModelColour(model);
  return (
    <li className="grid middle gap-2" style={{ gridTemplateColumns: '72px minmax(0, 1fr) auto' }}>
      <span className="clip">{name}</span>
      <Tiles
        className="large gap-tile"
        filled={Math.min(MOST_TILES, Math.ceil((seconds ?? 0) / unit))}
        of={MOST_TILES}
        colour={colour}
      />
      <span className="text-end">
        {seconds === null ? 'Unknown' : lengthText({ low: seconds, high: seconds })}
      </span>
    </li>
  );
}
