import { type ReactNode, useEffect, useEffectEvent } from 'react';
import { LIST_ROLES, type ResultFile } from '../../core/api/results.ts';
import { Button } from '../components/Button.tsx';
import { SelectField } from '../components/controls.tsx';
import { Statement } from '../components/Statement.tsx';
import { fileNames } from '../format/files.ts';
import { problemText } from '../state/api.ts';
import { importPaths, openIds } from '../state/drops.ts';
import { ChosenFile } from './IdFileButtons.tsx';
import { openResult, useResultImport } from './result-import.ts';

type RoleMap = Partial<Record<(typeof LIST_ROLES)[number], string>>;

interface ResultSourceProps {
  path: string | null;
  dataset: string;
  file: ResultFile | undefined;
  error: unknown;
}

/** The file, or how to choose one; and what else it may be. */
export function ResultSource({ path, dataset, file, error }: ResultSourceProps) {
  if (path === null)
    return (
      <ChosenFile
        label="Choose a file"
        note="Rows of user, item, and score or rank: CSV, TSV, JSON lines, Parquet, TREC; or arrays of NumPy"
        onPath={(chosen) => openResult({ path: chosen, dataset })}
      />
    );
  const instead = () => {
    useResultImport.setState({ open: null });
    if (file?.arrays) openIds(path);
    else importPaths([path]);
  };
  return (
    <div className="row gap-3">
      <strong>{fileNames([path])[0]}</strong>
      {error ? <span className="field-problem">{problemText(error)}</span> : null}
      {(error || file) && file?.likeness !== 'surely' ? (
        <Button kind="quiet" onClick={instead}>
          {file?.arrays ? 'Import as Semantic IDs instead' : 'Import as a data set instead'}
        </Button>
      ) : null}
    </div>
  );
}

interface ColumnsProps {
  file: ResultFile;
  map: RoleMap;
  onChange(map: RoleMap): void;
}

/** Which column is what; nothing to choose where the format says so. */
export function Columns({ file: { columns, roles }, map, onChange }: ColumnsProps): ReactNode {
  if (columns.length === 0) return null;
  const named = columns.map((value) => ({ value, label: value }));
  const fieldOf = (role: (typeof LIST_ROLES)[number]) => {
    const optional = role === 'score' || role === 'rank';
    const none = [{ value: '', label: optional ? 'None' : 'Choose one' }];
    return (
      <SelectField
        key={role}
        label={`Column of the ${role}`}
        choices={optional || !roles ? [...none, ...named] : named}
        value={map[role] ?? roles?.[role] ?? ''}
        onValue={(column) => {
          const { [role]: _, ...others } = map;
          onChange(column === '' ? others : { ...others, [role]: column });
        }}
      />
    );
  };
  return <div className="form grid">{LIST_ROLES.map(fieldOf)}</div>;
}

interface ReadingsProps {
  file: ResultFile;
  map: RoleMap;
  onChoose(map: RoleMap): void;
}

const ORDER = { score: 'a score, the largest is the best', rank: 'a rank, the smallest is the best' };

/** Several columns that could order the lists, none of them chosen until the user says which: its digit does. */
export function Readings({ file: { readings }, map, onChoose }: ReadingsProps) {
  const choose = (at: number) => {
    const { role, column } = readings[at];
    onChoose({ [role]: column });
  };
  const digits = useEffectEvent((event: KeyboardEvent) => {
    const at = Number(event.key) - 1;
    if (event.defaultPrevented || !(at in readings) || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    choose(at);
  });
  useEffect(() => {
    window.addEventListener('keydown', digits);
    return () => window.removeEventListener('keydown', digits);
  }, []);
  return (
    <section className="stack gap-2" aria-label="What orders the lists">
      <Statement
        fact={`${readings.length} columns could be the order`}
        limit=": say which, nothing is measured before"
      >
        A higher hit rate is no reason: take what the program writes.
      </Statement>
      <div className="row wrap">
        {readings.map(({ role, column, first }, at) => (
          <Button
            key={column}
            kind={map[role] === column ? 'primary' : 'normal'}
            aria-pressed={map[role] === column}
            onClick={() => choose(at)}
          >
            <strong className="mono">{column}</strong> {ORDER[role]} <span className="muted">{first}, …</span>{' '}
            <kbd>{at + 1}</kbd>
          </Button>
        ))}
      </div>
    </section>
  );
}
