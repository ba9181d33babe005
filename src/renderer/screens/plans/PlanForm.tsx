import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronRight, Plus } from 'lucide-react';
import { useState } from 'react';
import { metricLabel } from '../../../core/api/metrics.ts';
import { isSimpleBaseline } from '../../../core/api/models.ts';
import {
  PAPER_STYLES,
  type PlanCheck,
  type PlanModelView,
  type PlanTableView,
  type SeedState,
} from '../../../core/api/plans.ts';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { Button, Icon } from '../../components/Button.tsx';
import { SelectField } from '../../components/controls.tsx';
import { Chip } from '../../components/lists.tsx';
import { Select } from '../../components/Select.tsx';
import { Statement } from '../../components/Statement.tsx';
import { countText, grouped } from '../../format/format.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { api } from '../../state/api.ts';
import { type ChangePlan, ModelFields } from './ModelFields.tsx';
import { PlanTiles } from './PlanTiles.tsx';
import { shapeText } from './plan-words.ts';

type Checked = NonNullable<PlanCheck['plan']>;

interface PlanFormProps {
  check: PlanCheck;
  plan: Checked;
  /** The model that has the focus, here or in the file. */
  lit: number | null;
  isFixed: boolean;
  onLit(entry: number): void;
  onChange: ChangePlan;
}

/** The plan as a form: its tables, its models with what exists and what is to be trained, and how they are compared. */
export function PlanForm({ check, plan, lit, isFixed, onLit, onChange }: PlanFormProps) {
  const [open, setOpen] = useState<number | null>(null);
  const first = check.problems[0];
  const { fact, limit } = shapeText(plan);
  return (
    <div className="flow scrolls fill">
      {first ? (
        <Statement fact={`Line ${first.line} cannot be read`} limit=": the rest of the plan stands" />
      ) : (
        <Statement fact={fact} limit={`: ${limit}`} />
      )}
      <ul className="panels" style={{ '--least': '230px' } as object} aria-label="Tables">
        {plan.tables.map((table, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a table is its place
          <TableCard key={at} table={table} number={at + 1} />
        ))}
      </ul>
      <table className="static-table" style={{ minWidth: 0 }}>
        <thead>
          <tr>
            <th>Model</th>
            <th>Preset</th>
            <th data-grows>Tuned over</th>
            <th data-align="end">Trials</th>
            {plan.blocks.map(({ table, dataset, title }) => (
              <th key={`${table} ${title}`} title={`${dataset}, ${title}`}>
                {plan.tables[table].splits.length > 1 ? title : dataset}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {plan.models.map((model) => (
            <ModelRow
              key={model.entry}
              {...{ model, plan, isFixed, onChange }}
              isLit={model.entry === lit}
              isOpen={model.entry === open}
              onLit={() => onLit(model.entry)}
              onToggle={() => setOpen(open === model.entry ? null : model.entry)}
            />
          ))}
        </tbody>
      </table>
      <div className="row spread">
        <AddModel plan={plan} isFixed={isFixed} onChange={onChange} />
        <span className="row small muted">
          <PlanTiles states={['done']} colour="var(--text)" size={10} gap={0} line={1} /> exists
          <PlanTiles states={['open']} colour="var(--text)" size={10} gap={0} line={1} /> to train
        </span>
      </div>
      <Choices plan={plan} isFixed={isFixed} onChange={onChange} />
    </div>
  );
}

function TableCard({ table, number }: { table: PlanTableView; number: number }) {
  const { data, splits, slices, models, items, absent } = table;
  const ranked = items === null ? '' : `, ${grouped(items)} items`;
  const which = models === null ? 'all models' : countText(models.length, 'model');
  return (
    <li className="framed panel-inset grid gap-1 packed">
      <span className="clip">
        <b>Table {number}</b> <span className="muted">{data}</span>
      </span>
      {absent ? (
        <p className="small warning breaks">
          This data set is not here. Import {absent.files.length > 0 ? absent.files.join(', ') : 'its files'}{' '}
          under the name {data}
          {absent.fingerprint && `; its fingerprint must begin with ${absent.fingerprint}`}.
        </p>
      ) : (
        <small className="muted">
          {splits.length > 1 ? `${splits.length} splits side by side` : splits[0]}
          {ranked}, {which}
        </small>
      )}
      <span className="flex gap-1 wrap">
        {[...(splits.length > 1 ? splits : []), ...slices.map((slice) => `by ${slice}`)].map((text) => (
          <Chip key={text}>{text}</Chip>
        ))}
      </span>
    </li>
  );
}

interface ModelRowProps {
  model: PlanModelView;
  plan: Checked;
  isLit: boolean;
  isOpen: boolean;
  isFixed: boolean;
  onLit(): void;
  onToggle(): void;
  onChange: ChangePlan;
}

function ModelRow({ model, plan, isLit, isOpen, isFixed, onLit, onToggle, onChange }: ModelRowProps) {
  const { entry, name, preset, tuned, trials, problem } = model;
  const colour = useModelColour(model.model);
  const isSimple = isSimpleBaseline(model.model);
  const others = plan.models.some((other) => other.tuned !== null && other.entry !== entry);
  const edge = isLit ? { background: 'var(--selected)', boxShadow: 'inset 2px 0 0 var(--accent)' } : {};
  const wrong = problem ? { boxShadow: 'inset 2px 0 0 var(--bad)' } : {};
  return (
    <>
      <tr style={{ ...edge, ...wrong }} onFocus={onLit} aria-selected={isLit}>
        <th scope="row" style={{ ...edge, ...wrong }}>
          <button
            type="button"
            className="bare row"
            data-model={entry}
            aria-expanded={isOpen}
            disabled={isFixed || model.model === ''}
            onClick={onToggle}
          >
            <RunTile model={model.model || null} />
            <span className={problem ? 'muted' : undefined}>{name}</span>
          </button>
        </th>
        {problem ? (
          <td colSpan={3 + plan.blocks.length} className="bad">
            line {problem.line} of the file
          </td>
        ) : (
          <>
            <td className="muted">{preset ?? '–'}</td>
            <td data-grows className={tuned === null && others && !isSimple ? 'warning' : 'muted'}>
              {tuned === null ? 'as given' : tuned.join(', ') || 'what a fair baseline is tuned over'}
            </td>
            <td data-align="end">{trials ?? (tuned === null && !isSimple ? 1 : '–')}</td>
            {plan.blocks.map(({ table, title, cells }) => {
              const cell = cells.find((one) => one.entry === entry);
              return (
                <td key={`${table} ${title}`}>
                  {cell ? (
                    <PlanTiles states={statesOf(cell)} colour={colour} size={12} gap={3} line={6} />
                  ) : (
                    '–'
                  )}
                </td>
              );
            })}
          </>
        )}
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={4 + plan.blocks.length}>
            <ModelFields model={model} onChange={onChange} />
          </td>
        </tr>
      )}
    </>
  );
}

const statesOf = ({ seeds }: { seeds: readonly { state: SeedState }[] }) => seeds.map(({ state }) => state);

function AddModel({ plan, isFixed, onChange }: { plan: Checked; isFixed: boolean; onChange: ChangePlan }) {
  const { data: models = [] } = useQuery(api.models.list.queryOptions());
  const [isAdding, setAdding] = useState(false);
  if (!isAdding)
    return (
      <Button kind="quiet" icon={Plus} disabled={isFixed} onClick={() => setAdding(true)}>
        Model
      </Button>
    );
  const known = new Set(plan.models.map(({ model }) => model));
  return (
    <Select
      aria-label="Model to add"
      value=""
      choices={[
        { value: '', label: 'Choose a model' },
        ...models.filter(({ id }) => !known.has(id)).map(({ id, title }) => ({ value: id, label: title })),
      ]}
      onValue={(id) => {
        onChange(['models', plan.models.length], id);
        setAdding(false);
      }}
    />
  );
}

const NONE = 'none';

/** What the tables are compared by, in lines that open. */
function Choices({ plan, isFixed, onChange }: { plan: Checked; isFixed: boolean; onChange: ChangePlan }) {
  const { search, baseline, metrics, results, style, models } = plan;
  const unknown = results.filter(({ problem }) => problem !== null).length;
  const readable = models.filter(({ problem }) => problem === null);
  const based = models.find(({ reference }) => reference === baseline);
  return (
    <div className="line-above">
      <Line title="Search" text={search} />
      <Line
        title="Comparison"
        text={`baseline ${based?.name ?? baseline ?? 'none'} · ${metrics.map(metricLabel).join(', ')}`}
      >
        {!isFixed && (
          <SelectField
            label="Baseline"
            value={baseline ?? NONE}
            choices={[
              ...readable.map(({ name, reference }) => ({ value: reference, label: name })),
              { value: NONE, label: 'None' },
            ]}
            onValue={(value) => onChange(['baseline'], value)}
          />
        )}
      </Line>
      {results.length > 0 && (
        <Line
          title="Results"
          text={results.map(({ file, program }) => `${file} of ${program}`).join(' · ')}
          aside={unknown > 0 && <Chip tone="warning">{`${unknown} unknown`}</Chip>}
        >
          {results.map(({ file, problem, isMeasured }) => (
            <p key={file} className={problem ? 'bad' : 'muted'}>
              {file}: {problem ?? (isMeasured ? 'measured' : 'measured when the plan starts')}
            </p>
          ))}
        </Line>
      )}
      <Line title="Paper" text={`${style.toUpperCase()} · † p < 0.05 against the baseline`}>
        {!isFixed && (
          <SelectField
            label="Style"
            value={style}
            choices={PAPER_STYLES.map((value) => ({ value, label: value }))}
            onValue={(value) => onChange(['paper', 'style'], value)}
          />
        )}
      </Line>
    </div>
  );
}

interface LineProps {
  title: string;
  text: string;
  aside?: React.ReactNode;
  children?: React.ReactNode;
}

function Line({ title, text, aside, children }: LineProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="line-below">
      <button
        type="button"
        className="bare grid gap-2 middle wide text-start"
        style={{ height: 40, gridTemplateColumns: '16px 112px minmax(0, 1fr) auto' }}
        aria-expanded={isOpen}
        disabled={!children}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon of={isOpen ? ChevronDown : ChevronRight} />
        <b>{title}</b>
        <span className="clip muted">{text}</span>
        {aside}
      </button>
      {isOpen && <div className="panel-inset">{children}</div>}
    </div>
  );
}
