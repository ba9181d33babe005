import { Check, CircleDashed, EqualApproximately, type LucideIcon, TriangleAlert, X } from 'lucide-react';
import type { Mark } from '../../../core/api/reproduce.ts';
import { Icon } from '../../components/Button.tsx';

/** How a condition of then stands to that of now. */
export const MARKS: Record<Mark, { icon: LucideIcon; means: string; tone?: 'warning' | 'bad' }> = {
  same: { icon: Check, means: 'the same' },
  about: { icon: EqualApproximately, means: 'differs without effect' },
  may: { icon: TriangleAlert, means: 'may change digits', tone: 'warning' },
  unknown: { icon: CircleDashed, means: 'not recorded' },
  missing: { icon: X, means: 'missing here', tone: 'bad' },
  cannot: { icon: X, means: 'cannot agree', tone: 'bad' },
};

export function MarkIcon({ mark }: { mark: Mark }) {
  const { icon, tone } = MARKS[mark];
  return (
    <span className={tone ?? 'muted'} style={{ display: 'inline-flex', verticalAlign: 'middle' }}>
      <Icon of={icon} />
    </span>
  );
}
