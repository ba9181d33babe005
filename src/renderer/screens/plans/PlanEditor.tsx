import { Copy } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { changeText, linesOfModel } from '../../../core/api/plan-text.ts';
import type { PlanCheck } from '../../../core/api/plans.ts';
import type { Action } from '../../actions/action.ts';
import { shortcutLabel } from '../../actions/keys.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Button } from '../../components/Button.tsx';
import { copyText } from '../../components/copy.ts';
import { ScreenFoot } from '../../components/Statement.tsx';
import { PlanForm } from './PlanForm.tsx';
import { TakesPanel } from './TakesPanel.tsx';
import { YamlField } from './YamlField.tsx';

export const SHOWN = ['both', 'form', 'yaml'] as const;
export type Shown = (typeof SHOWN)[number];

interface PlanEditorProps {
  text: string;
  /** Of the path of its file. */
  file: string;
  check: PlanCheck | undefined;
  shown: Shown;
  isFixed: boolean;
  hosts: readonly string[] | undefined;
  onText(text: string): void;
  onHosts(hosts: string[] | undefined): void;
}

/** Form, file, and what it takes: one plan, changed on either side. */
export function PlanEditor(props: PlanEditorProps) {
  const { text, file, check, shown, isFixed, hosts, onText, onHosts } = props;
  const parts = useRef<HTMLDivElement>(null);
  const [line, setLine] = useState(1);
  const [goesTo, setGoesTo] = useState<{ line: number } | null>(null);
  /** The model that has the focus in the form. */
  const [focused, setFocused] = useState<number | null>(null);
  const [isInFile, setInFile] = useState(false);
  const models = useMemo(() => linesOfModel(text), [text]);
  const atLine = models.findIndex(([from, to]) => from <= line && line <= to);
  const lit = isInFile ? (atLine < 0 ? null : atLine) : focused;
  const change = (path: (string | number)[], value: unknown) => onText(changeText(text, path, value));
  const plan = check?.plan ?? null;
  useEditorKeys({
    parts,
    jump: () => {
      if (isInFile) parts.current?.querySelector<HTMLElement>(`[data-model="${lit}"]`)?.focus();
      else if (lit !== null && models[lit]) setGoesTo({ line: models[lit][0] });
    },
  });
  const columns = {
    both: 'minmax(0, 588fr) minmax(0, 360fr) 284px',
    form: 'minmax(0, 1fr) 284px',
    yaml: 'minmax(0, 1fr) 284px',
  };
  return (
    <div className="column tall">
      <div
        ref={parts}
        className="grid fill"
        style={{ gridTemplateColumns: columns[shown], gridTemplateRows: 'minmax(0, 1fr)' }}
      >
        {shown !== 'yaml' && (
          <section
            className="column shrinks flattens"
            aria-label="Form"
            tabIndex={-1}
            onFocus={() => setInFile(false)}
          >
            {plan && check ? (
              <PlanForm {...{ check, plan, lit, isFixed }} onLit={setFocused} onChange={change} />
            ) : (
              <Unreadable check={check} />
            )}
          </section>
        )}
        {shown !== 'form' && (
          <section
            className="column shrinks flattens line-before"
            aria-label="File"
            tabIndex={-1}
            onFocus={() => setInFile(true)}
          >
            <p className="row spread bar-inset line-below rigid">
              <span className="clip">
                <b title={file}>{file.split(/[\\/]/).at(-1)}</b>{' '}
                <small className="muted">the same plan; change either side</small>
              </span>
              <Button
                kind="quiet"
                icon={Copy}
                aria-label="Copy the file"
                title="Copy the file"
                onClick={() => void copyText(text, 'Copied the file')}
              />
            </p>
            <YamlField
              {...{ text, isFixed, goesTo, onText }}
              problems={check?.problems ?? []}
              lit={lit === null ? null : (models[lit] ?? null)}
              onLine={setLine}
            />
            <Problems check={check} onLine={(at) => setGoesTo({ line: at })} />
          </section>
        )}
        {plan ? (
          <TakesPanel
            {...{ plan, hosts, onHosts }}
            onTrials={(entry, trials) => change(['models', entry, 'trials'], trials)}
          />
        ) : (
          <aside className="surface line-before" aria-label="What it takes" />
        )}
      </div>
      <ScreenFoot>
        <span>
          <kbd>F6</kbd> form, file, estimate
        </span>
        <span>
          <kbd>{shortcutLabel('Mod+.')}</kbd> go to the line
        </span>
        <span className="push">
          Trials use validation items alone. A finished run of equal settings, data and protocol is never
          trained again.
        </span>
      </ScreenFoot>
    </div>
  );
}

function Unreadable({ check }: { check: PlanCheck | undefined }) {
  const [first] = check?.problems ?? [];
  if (!first) return null;
  return (
    <p className="page-inset bad">
      Line {first.line}: {first.text}
    </p>
  );
}

function Problems({ check, onLine }: { check: PlanCheck | undefined; onLine(line: number): void }) {
  const { problems = [] } = check ?? {};
  if (problems.length === 0) return null;
  return (
    <ul
      className="line-above bar-inset small rigid scrolls"
      style={{ maxHeight: 120 }}
      aria-label="What cannot be read"
    >
      {problems.map(({ line, text }) => (
        <li key={`${line} ${text}`}>
          <button type="button" className="bare bad text-start breaks" onClick={() => onLine(line)}>
            Line {line}: {text}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** From part to part, and from a model to its line or back. */
function useEditorKeys({
  parts,
  jump,
}: {
  parts: React.RefObject<HTMLDivElement | null>;
  jump(): void;
}): void {
  const next: Action = {
    ...{ id: 'plans.part', label: 'Go to the next part of the plan', group: 'Go', shortcut: 'F6' },
    perform: () => {
      const all = [...(parts.current?.children ?? [])] as HTMLElement[];
      const at = all.findIndex((part) => part.contains(document.activeElement));
      const part = all[(at + 1) % all.length];
      (part?.querySelector<HTMLElement>('button, textarea') ?? part)?.focus();
    },
  };
  const line: Action = {
    ...{ id: 'plans.line', label: 'Go between a model and its line', group: 'Go', shortcut: 'Mod+.' },
    perform: jump,
  };
  useRegisteredActions([next, line]);
}
