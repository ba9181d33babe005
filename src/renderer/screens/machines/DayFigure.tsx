import { aboutText } from '../../../core/api/clock.ts';
import type { MachineActivity } from '../../../core/api/hosts.ts';
import { type DayTile, dayTiles } from './machine.ts';

const ACROSS = 36;
/** Of a tile with the gap behind it, in pixels. */
const [PITCH, SIDE] = [12, 9];
const WORDS = { trained: 'trained', idle: 'idle', silent: 'no contact' } as const;

/** When a machine trained in the last 24 hours, as far as its trainings tell. */
export function DayFigure({ activity, now }: { activity: MachineActivity; now: number }) {
  const tiles = dayTiles(activity, now);
  const time = (of: keyof typeof WORDS) => {
    const count = tiles.filter((tile) => (tile === 'now' ? 'trained' : tile) === of).length;
    return count === 0 ? [] : [{ of, text: `${WORDS[of]} ${aboutText(600 * count)}` }];
  };
  const legend = (['trained', 'idle', 'silent'] as const).flatMap(time);
  return (
    <section>
      <h2>
        Last 24 hours <span className="small muted">a tile is 10 minutes, a row 6 hours</span>
      </h2>
      <svg
        className="machine-day block"
        width={ACROSS * PITCH}
        height={4 * PITCH}
        role="img"
        aria-label={legend.map(({ text }) => text).join(', ')}
      >
        {(['trained', 'idle', 'silent', 'now'] as const).map((of) => (
          <path key={of} data-of={of} d={pathOf(tiles, of)} />
        ))}
      </svg>
      <ul className="row gap-4 small muted">
        {legend.map(({ of, text }) => (
          <li key={of} className="row gap-sign">
            <svg className="machine-day" width={SIDE} height={SIDE} aria-hidden="true">
              <path data-of={of} d={pathOf([of], of)} />
            </svg>
            {text}
          </li>
        ))}
      </ul>
    </section>
  );
}

function pathOf(tiles: readonly DayTile[], of: DayTile): string {
  const inset = of === 'silent' ? 0.5 : 0;
  const side = SIDE - 2 * inset;
  return tiles
    .flatMap((tile, at) =>
      tile === of
        ? [
            `M${(at % ACROSS) * PITCH + inset} ${Math.floor(at / ACROSS) * PITCH + inset}h${side}v${side}h${-side}z`,
          ]
        : [],
    )
    .join('');
}
