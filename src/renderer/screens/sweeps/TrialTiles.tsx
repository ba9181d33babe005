import { metricDecimals, metricLabel } from '../../../core/api/metrics.ts';
import { type SweepPage, type SweepTrial, stateText, valuesText } from '../../../core/api/studies.ts';
import { modelColour } from '../../charts/colours.ts';
import { fixed } from '../../format/format.ts';
import { useTheme } from '../../state/theme.ts';

/** From as many trials on, tiles are smaller. */
const MANY = 45;

/** A tile a trial, the best on the left: filled once it has completed, a diamond the best. */
export function TrialTiles({ sweep: { spec, trials } }: { sweep: SweepPage }) {
  const { metric } = spec.sweep;
  const colour = modelColour(
    spec.model,
    useTheme((state) => state.theme),
  );
  const value = (trial: SweepTrial | undefined) => fixed(trial?.value?.mean, metricDecimals(metric));
  const measured = trials.filter((trial) => trial.value !== null);
  const range =
    measured.length > 0
      ? `${metricLabel(metric)} from ${value(measured[0])} to ${value(measured.at(-1))}`
      : 'No result yet';
  return (
    <section className="stack">
      <div className="chart-head">
        <h2>
          Trials <span className="muted">best on the left</span>
        </h2>
        <span className="muted">{range}</span>
      </div>
      <div
        className="trial-tiles flex wrap"
        role="img"
        aria-label={`${measured.length} of ${trials.length} trials have a result. ${range}. ${stateText(trials)}`}
        data-many={trials.length >= MANY || undefined}
        style={{ color: colour }}
      >
        {trials.map((trial) => (
          <i
            key={trial.number}
            title={`${valuesText(trial)}: ${trial.value ? value(trial) : (trial.status ?? 'no run')}`}
            data-state={trial.rank === 1 ? 'best' : (trial.status ?? 'missing')}
          />
        ))}
      </div>
    </section>
  );
}
