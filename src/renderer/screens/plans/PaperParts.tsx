import type { PaperPart, PlanPaper } from '../../../core/api/plans.ts';
import { CheckField } from '../../components/controls.tsx';
import type { LeftOut } from './paper-state.ts';

const TITLES: Record<PaperPart, [title: string, note: string]> = {
  trials: ['Tuning budget', 'trials'],
  spread: ['± over seeds', 'standard deviation'],
  significance: ['Significance', '† p < 0.05'],
  slices: ['Slices', 'of the first metric'],
  second: ['Second best', 'underlined'],
  zero: ['Leading zero', '0.05, else .05'],
  measured: ['Data and protocol', 'in the caption'],
};

interface PaperPartsProps extends LeftOut {
  parts: PlanPaper['parts'];
}

/** What the tables have; a box that is off for good says why. */
export function PaperParts({ parts, without: chosen, note, onWithout }: PaperPartsProps) {
  const without =
    chosen ?? parts.flatMap(({ part, isShown, absent }) => (isShown || absent !== null ? [] : [part]));
  return (
    <section aria-label="In the table">
      <h2>In the table</h2>
      <div className="panels" style={{ '--least': '220px', gap: '0 24px' } as object}>
        {parts.map(({ part, absent }) => (
          <div key={part} className="row spread small" style={{ minHeight: 28 }}>
            <CheckField
              label={TITLES[part][0]}
              value={absent === null && !without.includes(part)}
              disabled={absent !== null || onWithout === null}
              onValue={(on) => onWithout?.(on ? without.filter((one) => one !== part) : [...without, part])}
            />
            <span className="muted">{absent === null ? TITLES[part][1] : `off: ${absent}`}</span>
          </div>
        ))}
      </div>
      {note !== null && <p className="small muted">{note}</p>}
    </section>
  );
}
