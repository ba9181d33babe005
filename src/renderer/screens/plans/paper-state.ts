/** How the paper of a plan is looked at: its style by the address, what its tables do without by its file. */
import { leaveOut, partsLeftOut } from '../../../core/api/plan-text.ts';
import {
  PAPER_PARTS,
  PAPER_STYLES,
  type PaperPart,
  type PaperStyle,
  type PlanHead,
} from '../../../core/api/plans.ts';
import { api, useKeptQuery } from '../../state/api.ts';
import { useKept } from '../../state/navigation.ts';

/** What `plan run` calls the file of each style. */
export const FILES: Record<PaperStyle, string> = {
  acm: 'tables.tex',
  ieee: 'tables.tex',
  markdown: 'tables.md',
  csv: 'tables.csv',
};

/** What the tables do without, as it is chosen in the window. */
export interface LeftOut {
  /** Undefined for what the file says. */
  without: readonly PaperPart[] | undefined;
  /** What a choice changes, where that is not the file. */
  note: string | null;
  /** Null where nothing can be chosen. */
  onWithout: ((without: PaperPart[]) => void) | null;
}

interface PlanText {
  /** As it is typed, maybe not saved yet. */
  text: string;
  isDraft: boolean;
  setText(text: string): void;
}

/** What is chosen is written into the text of a plan, as its form does; of a file that this window does not write it is a view alone. */
export function useLeftOut(
  { isOwn }: Pick<PlanHead, 'isOwn'>,
  { text, isDraft, setText }: PlanText,
): LeftOut {
  const [kept, keep] = useKept('without');
  if (!isOwn)
    return {
      without: kept === null ? undefined : PAPER_PARTS.filter((part) => kept.split(' ').includes(part)),
      note: 'For this view alone: the file is changed where it is. There “paper: { without: [zero] }” leaves out what is off here.',
      onWithout: (parts) => keep(parts.join(' ') || 'nothing'),
    };
  const parts = partsLeftOut(text);
  if (parts === null)
    return {
      without: undefined,
      note: 'The draft of the plan cannot be read: mend it first.',
      onWithout: null,
    };
  return {
    without: isDraft ? parts : undefined,
    note: null,
    onWithout: (chosen) => setText(leaveOut(text, chosen)),
  };
}

export function usePaper(plan: string, { without }: LeftOut, enabled: boolean) {
  const [kept, setStyle] = useKept('style');
  // That of the plan, unless another is asked for.
  const style = PAPER_STYLES.find((one) => one === kept);
  const input = { plan, style, without: without && [...without] };
  const query = useKeptQuery({ ...api.plans.paper.queryOptions({ input }), enabled });
  return { query, setStyle };
}
