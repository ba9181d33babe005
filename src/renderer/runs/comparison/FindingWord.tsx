import { ArrowDown, ArrowUp, EqualApproximately } from 'lucide-react';
import type { ReactNode } from 'react';
import type { findingOf } from '../../../core/api/compare.ts';
import { Icon } from '../../components/Button.tsx';

export type Finding = NonNullable<ReturnType<typeof findingOf>>;

const WORDS = {
  better: { text: 'Better', icon: ArrowUp },
  worse: { text: 'Worse', icon: ArrowDown },
  open: { text: 'Not significant', icon: EqualApproximately },
} as const;

/** What a corrected test says; `children` are marks behind the word. */
export function FindingWord({ finding, children }: { finding: Finding; children?: ReactNode }) {
  const { text, icon } = WORDS[finding];
  return (
    <span className="finding row muted" data-finding={finding}>
      <Icon of={icon} />
      <span>
        {text}
        {children}
      </span>
    </span>
  );
}

export const findingText = (finding: Finding) => WORDS[finding].text;
