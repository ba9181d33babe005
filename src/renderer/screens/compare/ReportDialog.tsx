import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import {
  BESIDE_TITLES,
  type ComparisonView,
  FACT_COLUMNS,
  FACT_TITLES,
  isAppendix,
  PART_TITLES,
  REPORT_FORMATS,
} from '../../../core/api/compare.ts';
import { metricLabel } from '../../../core/api/metrics.ts';
import { ReportWindow } from '../../app/ReportWindow.tsx';
import { madeAs, REPORT_FORMAT_CHOICES } from '../../app/report-formats.ts';
import { Button } from '../../components/Button.tsx';
import { CheckMenu } from '../../components/CheckMenu.tsx';
import {
  CheckField,
  CheckGroup,
  type CheckGroupProps,
  draftFields,
  SelectField,
  TextAreaField,
  TextField,
} from '../../components/controls.tsx';
import { DraftNote } from '../../components/DraftNote.tsx';
import { api, useKeptQuery } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import { useDraft } from '../../state/drafts.ts';
import type { CompareRoute } from './compare-route.ts';
import {
  besideKey,
  firstChoices,
  type ReportChoices,
  type ReportTexts,
  reportRequest,
  reportTexts,
  textsOf,
} from './report-choice.ts';

export interface ReportDialogProps {
  view: ComparisonView;
  route: CompareRoute;
  /** What is known of it already. */
  texts: ReportTexts | undefined;
  onClose(): void;
}

const TYPING_MS = 300;

/** The comparison as a file: what goes into it, how it looks, and where it goes. */
export function ReportDialog({ view, route, texts, onClose }: ReportDialogProps) {
  const [chosen, setChosen] = useState(() => firstChoices(view));
  const written = useDraft(`report ${route.runs.toSorted().join(' ')}`, reportTexts, textsOf(texts));
  const choices: ReportChoices = { ...chosen, ...written.draft };
  const change = ({ title, text, ...others }: ReportChoices) => {
    setChosen(others);
    if (title !== written.draft.title || text !== written.draft.text) written.change({ title, text });
  };
  const request = useDebounced(reportRequest(route, choices), TYPING_MS);
  const report = useKeptQuery(api.compare.report.queryOptions({ input: request }));
  const pending =
    report.isPlaceholderData || JSON.stringify(request) !== JSON.stringify(reportRequest(route, choices));
  return (
    <ReportWindow query={report} pending={pending} pdf={choices.format === 'pdf'} onClose={onClose}>
      <ReportForm view={view} route={route} choices={choices} onChange={change} />
      {written.isKept && <DraftNote onDiscard={written.forget} />}
    </ReportWindow>
  );
}

interface ReportFormProps {
  view: ComparisonView;
  route: CompareRoute;
  choices: ReportChoices;
  onChange(choices: ReportChoices): void;
}

const LABELS = [
  { value: 'short', label: 'Short names' },
  { value: 'full', label: 'Run names' },
] as const;

/** What goes into the report, as far as its format has a place for it. */
function ReportForm({ view, route, choices, onChange }: ReportFormProps) {
  const { format, parts } = choices;
  const set = (changes: Partial<ReportChoices>) => onChange({ ...choices, ...changes });
  const field = draftFields(choices, set);
  const metrics = [...view.columns, ...view.otherColumns].map(({ name, label }) => ({ id: name, label }));
  const takes = REPORT_FORMATS[madeAs(format)];
  const hasAllMetrics = takes.fixedParts.includes('all-metrics') || parts.includes('all-metrics');
  const drawsCurves = takes.parts.includes('curves') && parts.includes('curves');
  return (
    <>
      <SelectField label="Format" choices={REPORT_FORMAT_CHOICES} {...field('format')} />
      {takes.titled !== null && (
        <TextField label={takes.titled} placeholder="Comparison of runs" {...field('title')} />
      )}
      {takes.text && (
        <TextAreaField
          label="Conclusion"
          help="Shown under the title. Blank line: new paragraph."
          rows={4}
          {...field('text')}
        />
      )}
      <CheckMenu
        trigger={<Button>Metrics ({choices.metrics.length})</Button>}
        options={metrics}
        checked={choices.metrics}
        onChange={(chosen) => set({ metrics: chosen })}
      />
      <SelectField label="Labels" choices={LABELS} {...field('names')} />
      {takes.facts && hasAllMetrics && (
        <Group
          title="Columns"
          options={FACT_COLUMNS.map((id) => ({ id, label: FACT_TITLES[id] }))}
          checked={choices.facts}
          onChange={(facts) => set({ facts })}
        />
      )}
      {[false, true].map((appendix) => {
        const of = takes.parts.filter((part) => isAppendix(part) === appendix);
        return (
          of.length > 0 && (
            <Group
              key={String(appendix)}
              title={appendix ? 'Appendix' : 'Main report'}
              options={of.map((id) => ({ id, label: PART_TITLES[id] }))}
              checked={parts.filter((part) => of.includes(part))}
              onChange={(chosen) =>
                set({ parts: [...parts.filter((part) => !of.includes(part)), ...chosen] })
              }
            />
          )
        );
      })}
      {drawsCurves && (
        <CurveChoice route={route} curves={choices.curves} onChange={(curves) => set({ curves })} />
      )}
      {view.published.length > 0 && (
        <Group
          title="Published results beside ours"
          options={view.published.map(({ source, sections: [first] }) => ({
            id: source,
            label: first.source,
          }))}
          checked={choices.published}
          onChange={(published) => set({ published })}
        />
      )}
      {takes.several && <AlsoChoice checked={choices.also} onChange={(also) => set({ also })} />}
      {takes.standalone && <CheckField label="Standalone document" {...field('standalone')} />}
    </>
  );
}

function Group<T extends string>({ title, ...group }: CheckGroupProps<T> & { title: string }) {
  return (
    <fieldset className="report-group grid">
      <legend>{title}</legend>
      <CheckGroup {...group} />
    </fieldset>
  );
}

/** What else the report has, each from a page of its own on. */
function AlsoChoice({ checked, onChange }: { checked: string[]; onChange(checked: string[]): void }) {
  const { data: beside = [] } = useQuery(api.compare.beside.queryOptions());
  const options = beside.map(({ kind, id, name }) => ({
    id: besideKey(kind, id),
    label: `${BESIDE_TITLES[kind]}: ${name}`,
  }));
  if (options.length === 0) return null;
  return (
    <CheckMenu
      trigger={<Button>Include other documents ({checked.length})</Button>}
      options={options}
      checked={checked}
      onChange={onChange}
    />
  );
}

interface CurveChoiceProps {
  route: CompareRoute;
  curves: string[] | null;
  onChange(curves: string[] | null): void;
}

/** Width in which no curve matters: only their names are asked for. */
const NAMES_ONLY = 10;
/** As many as the report draws by itself. */
const USUAL = 1;

function CurveChoice({ route, curves, onChange }: CurveChoiceProps) {
  const { data } = useQuery(
    api.compare.curves.queryOptions({ input: { runs: route.runs, pixels: NAMES_ONLY } }),
  );
  if (!data || data.metrics.length === 0) return null;
  const checked = curves ?? data.metrics.slice(0, USUAL);
  return (
    <CheckMenu
      trigger={<Button>Curves ({checked.length})</Button>}
      options={data.metrics.map((id) => ({ id, label: metricLabel(id) }))}
      checked={checked}
      onChange={onChange}
    />
  );
}
