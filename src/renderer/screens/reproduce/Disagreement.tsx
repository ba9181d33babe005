import { useQuery } from '@tanstack/react-query';
import { Check, X } from 'lucide-react';
import { type ComparedCurve, choosingSign } from '../../../core/api/compare.ts';
import { curveFigure } from '../../../core/api/figures.ts';
import { metricDecimals, metricLabel } from '../../../core/api/metrics.ts';
import type { Condition, ReproducedRun, Statement } from '../../../core/api/reproduce.ts';
import { Figure } from '../../charts/Figure.tsx';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { Button, Icon } from '../../components/Button.tsx';
import { pValueText, signed } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { startWork } from '../../state/long-work.ts';
import { MarkIcon } from './marks.tsx';

/** Of each run whose numbers are other ones: where the courses part, and why. */
export function Disagreement({ outcome }: { outcome: ReproducedRun }) {
  const { causes, earlier } = outcome;
  if (causes.length === 0) return null;
  const open = causes.filter(({ mark }) => mark !== 'same');
  const ruledOut = causes.filter(({ mark }) => mark === 'same').map(({ what }) => what);
  return (
    <section
      aria-label={`Why ${earlier.name} differs`}
      className="grid gap-6"
      style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 400px), 1fr))' }}
    >
      <Course outcome={outcome} />
      <div>
        <h2>
          Likely causes <span className="muted">most probable first</span>
        </h2>
        <ol>
          {open.map((cause, at) => (
            <Cause key={cause.what} {...{ cause, at, outcome }} />
          ))}
        </ol>
        {ruledOut.length > 0 && (
          <p className="muted row top" style={{ marginTop: 8 }}>
            <MarkIcon mark="same" />
            <span>Ruled out: {ruledOut.join(', ')}.</span>
          </p>
        )}
      </div>
    </section>
  );
}

interface CauseProps {
  cause: Condition;
  at: number;
  outcome: ReproducedRun;
}

/** What a training as it was then, which is what Reproduce begins, has as it was. */
const AS_THEN = ['Seed', 'Threads'];

function Cause({ cause: { what, earlier: then, now, mark, means }, at, outcome }: CauseProps) {
  const { earlier } = outcome;
  const again = () =>
    void startWork('Nothing could be made again', {
      of: 'reproduction',
      input: { of: { kind: 'run', run: earlier.id }, data: [], how: 'train', anyway: false },
    });
  return (
    <li
      className="grid gap-3 middle line-below"
      style={{ minHeight: 40, gridTemplateColumns: '16px minmax(0, 1fr) max-content' }}
    >
      <span className="muted">{at + 1}</span>
      <span className="breaks">
        {what}: {then === now ? now : `${then} then, ${now} now`}
        <small className="block muted">{means}</small>
      </span>
      {AS_THEN.includes(what) && earlier.isHere ? (
        <Button onClick={again}>Train with {then}</Button>
      ) : (
        <MarkIcon mark={mark} />
      )}
    </li>
  );
}

/** Wide enough that no point of a usual training is left out. */
const PIXELS = 20_000;

/** The validation of then and now over each other, where the run of then is here. */
function Course({ outcome: { run, earlier } }: { outcome: ReproducedRun }) {
  const colour = useModelColour(run.model);
  const runs = [earlier.id, run.id];
  const { data } = useQuery({
    ...api.compare.curves.queryOptions({ input: { runs, pixels: PIXELS } }),
    enabled: earlier.isHere,
  });
  const [then, now] = runs.map((id) => data?.curves.find((curve) => curve.run === id));
  const metric = data?.metrics[0];
  if (!then || !now || metric === undefined)
    return (
      <div>
        <h2>{earlier.name} differs</h2>
        <p className="muted">
          {earlier.isHere
            ? 'It is not trained in steps: there is no course to draw.'
            : 'The course of then is not in this data folder.'}
        </p>
      </div>
    );
  const series = [
    { ...then, id: 'then', label: 'then', colour },
    { ...now, id: 'now', label: 'now', colour, dashed: true },
  ];
  const title = metricLabel(metric);
  const spec = curveFigure(
    {
      title: `${earlier.name} ${partingText(then, now)}`,
      subtitle: title,
      fileName: `course-${title}`,
      series,
      best: choosingSign(metric),
    },
    { view: { axis: 'epoch', smoothing: 0, logarithmic: false }, all: series, range: null, height: 200 },
  );
  return <Figure spec={spec} />;
}

/** "parts in epoch 1": where the first value is another one. */
function partingText(then: ComparedCurve, now: ComparedCurve): string {
  const at = then.values.findIndex((value, place) => value !== now.values[place]);
  if (at >= 0 && at < now.values.length) return `parts in epoch ${then.epochs[at]}`;
  return then.values.length === now.values.length
    ? 'has the same course'
    : `has the same course up to epoch ${Math.min(then.epochs.at(-1) ?? 0, now.epochs.at(-1) ?? 0)}`;
}

const STATES: Record<Statement['state'], string> = {
  holds: 'still above',
  fails: 'it is below',
  open: 'not told apart',
};

/** What neighbours of the table said of each other, tested again. */
export function Statements({ runs }: { runs: readonly string[] }) {
  const { data = [] } = useQuery(api.reproduce.statements.queryOptions({ input: { runs: [...runs] } }));
  if (data.length === 0) return null;
  return (
    <section aria-label="Do its statements still hold?">
      <h2>
        Do its statements still hold?{' '}
        <span className="muted">neighbours in the order of then, tested again over users</span>
      </h2>
      <ul className="panels" style={{ '--least': '400px', gap: '0 40px' } as object}>
        {data.map((statement) => (
          <Said key={`${statement.above} ${statement.below}`} statement={statement} />
        ))}
      </ul>
    </section>
  );
}

function Said({ statement: { above, below, metric, before, after, p, state } }: { statement: Statement }) {
  const decimals = metricDecimals(metric);
  const isBad = state === 'fails';
  return (
    <li className="row spread line-below" style={{ minHeight: 36 }}>
      <span className={`row shrinks ${isBad ? 'strong' : ''}`}>
        <span className={isBad ? 'bad' : 'muted'}>
          {state === 'holds' ? <Icon of={Check} /> : isBad ? <Icon of={X} /> : <MarkIcon mark="unknown" />}
        </span>
        <span className="breaks">
          {above} is above {below} in {metricLabel(metric)}
        </span>
      </span>
      <span className={`nowrap ${isBad ? 'bad' : 'muted'}`}>
        {signed(before, decimals)} then, {signed(after, decimals)} now,{' '}
        {p === null ? 'not tested' : `p ${pValueText(p)}`}: {STATES[state]}
      </span>
    </li>
  );
}
