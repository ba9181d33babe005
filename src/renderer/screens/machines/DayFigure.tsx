import { aboutText } from '../../../core/api/clock.ts';
import type { MachineActivity } from '../../../core/api/hosts.ts';
import { dayTiles } from '../../../core/api/machines.ts';
import { failsAlone } from '../../components/ErrorBoundary.tsx';

const LEGEND = [
  ['trained', 'trained'],
  ['idle', 'idle'],
  ['silent', 'no contact'],
] as const;

/** When a machine trained in the last 24 hours, as far as its trainings tell. */
export const DayFigure = failsAlone(Day, () => 'the last 24 hours');

function Day({ activity, now }: { activity: MachineActivity; now: number }) {
  const tiles = dayTiles(activity, now);
  const legend = LEGEND.flatMap(([of, words]) => {
    const count = tiles.filter((tile) => (tile === 'now' ? 'trained' : tile) === of).length;
    return count === 0 ? [] : [{ of, text: `${words} ${aboutText(600 * count)}` }];
  });
  return (
    <section>
      <h2>
        Last 24 hours <span className="small muted">a tile is 10 minutes, a row 6 hours</span>
      </h2>
      <div className="machine-day grid" role="img" aria-label={legend.map(({ text }) => text).join(', ')}>
        {tiles.map((of, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a tile is its place
          <i key={at} data-of={of} />
        ))}
      </div>
      <ul className="row gap-4 small muted">
        {legend.map(({ of, text }) => (
          <li key={of} className="machine-key row gap-sign">
            <i data-of={of} /> {text}
          </li>
        ))}
      </ul>
    </section>
  );
}
