import { Copy, Package, Scale } from 'lucide-react';
import { useState } from 'react';
import { PAPER_STYLES, type PaperStyle, type PlanPaper } from '../../../core/api/plans.ts';
import type { Action } from '../../actions/action.ts';
import { shortcutLabel } from '../../actions/keys.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { ActionButton, Button } from '../../components/Button.tsx';
import { copyText } from '../../components/copy.ts';
import { Segments } from '../../components/Segments.tsx';
import { compareRuns } from '../../runs/changes.ts';
import { BundleDialog } from '../../runs/comparison/BundleDialog.tsx';
import { FILES } from './paper-state.ts';

const TITLES: Record<PaperStyle, string> = { acm: 'ACM', ieee: 'IEEE', markdown: 'Markdown', csv: 'CSV' };

interface PaperActionsProps {
  /** Name of the plan. */
  name: string;
  paper: PlanPaper | undefined;
}

/** What becomes of a paper: copied, compared, or bundled for reviewers. */
export function PaperActions({ name, paper }: PaperActionsProps) {
  const [isBundling, setBundling] = useState(false);
  const { runs = [], ...compared } = paper?.compared ?? {};
  const hasRuns = { enabled: () => runs.length > 0, why: 'Nothing of this plan has a result yet' };
  const isLatex = paper?.style === 'acm' || paper?.style === 'ieee';
  const copied = isLatex ? 'LaTeX' : TITLES[paper?.style ?? 'acm'];
  const text = paper?.text ?? '';
  const copyIt = () => copyText(text, `Copied the ${FILES[paper?.style ?? 'acm']}`);
  const compare: Action = {
    ...{ id: 'plans.comparison', label: 'Compare the runs of this plan', short: 'Comparison', group: 'Go' },
    ...{ icon: Scale, ...hasRuns, perform: () => compareRuns(runs) },
  };
  const bundle: Action = {
    ...{ id: 'plans.write-bundle', label: 'Bundle this plan for reviewers', short: 'Bundle', group: 'File' },
    ...{ icon: Package, shortcut: 'b', keywords: 'zip archive artefact reproduce', ...hasRuns },
    perform: () => setBundling(true),
  };
  const copy: Action = {
    ...{ id: 'plans.copy-paper', label: 'Copy the source of the paper', group: 'Edit', shortcut: 'Mod+C' },
    // What is selected is what is to be copied.
    enabled: () => text !== '' && isNothingSelected(),
    perform: copyIt,
  };
  useRegisteredActions([compare, bundle, copy]);
  return (
    <>
      <ActionButton action={compare} />
      <ActionButton action={bundle}>
        Bundle <kbd>{shortcutLabel('b')}</kbd>
      </ActionButton>
      <Button kind="primary" icon={Copy} disabled={text === ''} onClick={() => void copyIt()}>
        Copy {copied} <kbd>{shortcutLabel('Mod+C')}</kbd>
      </Button>
      {isBundling && (
        <BundleDialog
          of={{ ...compared, runs }}
          kind="plan"
          title={name}
          onClose={() => setBundling(false)}
        />
      )}
    </>
  );
}

function isNothingSelected(): boolean {
  const { activeElement } = document;
  const isField = activeElement instanceof HTMLInputElement || activeElement instanceof HTMLTextAreaElement;
  const marked = isField ? activeElement.selectionStart !== activeElement.selectionEnd : false;
  return !marked && (getSelection()?.isCollapsed ?? true);
}

interface PaperStylesProps {
  paper: PlanPaper | undefined;
  onStyle(style: PaperStyle): void;
}

/** How it is written, beside the names of the views. */
export function PaperStyles({ paper, onStyle }: PaperStylesProps) {
  return (
    paper && (
      <Segments
        label="Style"
        choices={PAPER_STYLES.map((value) => ({ value, label: TITLES[value] }))}
        value={paper.style}
        onValue={onStyle}
      />
    )
  );
}
