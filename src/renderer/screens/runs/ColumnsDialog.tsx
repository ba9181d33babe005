import { useMemo, useState } from 'react';
import type { RunTableFields } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { CheckField, SearchField } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { MoveButtons } from '../../components/MoveButtons.tsx';
import { type BoxState, RowBox } from '../../components/RowBox.tsx';
import { grouped } from '../../format/format.ts';
import { columnFields, type FieldGroup, fieldTitle } from '../../runs/table/fields.ts';
import { useRovingList } from './roving-list.ts';

interface ColumnsDialogProps {
  columns: readonly string[];
  fields: RunTableFields | undefined;
  /** Null for those that fit the runs. */
  onChange(columns: string[] | null): void;
  onClose(): void;
}

/** Pixels of a field, of the head of a group, of a chosen column. */
const [FIELD, HEAD, CHOSEN] = [24, 32, 29];

/** Which columns the table has, and in what order; changes show at once. */
export function ColumnsDialog({ columns, fields, onChange, onClose }: ColumnsDialogProps) {
  const [search, setSearch] = useState('');
  const words = search.trim().toLowerCase();
  const groups = useMemo(
    () =>
      columnFields(fields)
        .map((group) => ({
          ...group,
          fields: group.fields.filter((field) => fieldTitle(field).toLowerCase().includes(words)),
        }))
        .filter((group) => group.fields.length > 0),
    [fields, words],
  );
  const choose = (changed: readonly string[], on: boolean) => {
    const those = new Set(changed);
    const next = on ? [...new Set([...columns, ...changed])] : columns.filter((field) => !those.has(field));
    if (next.length > 0) onChange(next);
  };
  return (
    <Dialog
      title="Columns"
      width={680}
      onClose={onClose}
      foot={
        <>
          <Button onClick={() => onChange(null)}>Default columns</Button>
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <div className="grid gap-6" style={{ gridTemplateColumns: '1fr 1fr' }}>
        <div className="stack">
          <SearchField label="Search fields" placeholder="Search fields" value={search} onValue={setSearch} />
          <FieldList groups={groups} columns={columns} onChoose={choose} />
        </div>
        <ColumnOrder columns={columns} onChange={onChange} />
      </div>
    </Dialog>
  );
}

interface FieldListProps {
  groups: readonly FieldGroup[];
  columns: readonly string[];
  onChoose(fields: readonly string[], on: boolean): void;
}

type FieldLine = { group: FieldGroup; field: string | null };

/** Every field under the head of its group, whose box stands for all of them. */
function FieldList({ groups, columns, onChoose }: FieldListProps) {
  const lines = useMemo(
    () =>
      groups.flatMap((group): FieldLine[] => [
        { group, field: null },
        ...group.fields.map((field) => ({ group, field })),
      ]),
    [groups],
  );
  const keys = useMemo(() => lines.map(({ group, field }) => field ?? `group ${group.title}`), [lines]);
  const chosen = useMemo(() => new Set(columns), [columns]);
  const heightOf = (at: number) => (lines[at].field === null ? HEAD : FIELD);
  const { virtual, box } = useRovingList({ keys, heightOf });
  return (
    <div className="columns-list scrolls" {...box}>
      <div className="holds" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start, size }) => {
          const { group, field } = lines[index];
          return (
            <div
              key={key}
              className="columns-line row wide"
              data-index={index}
              style={{ height: size, transform: `translateY(${start}px)` }}
            >
              {field === null ? (
                <GroupHead group={group} chosen={chosen} onChoose={onChoose} />
              ) : (
                <CheckField
                  label={fieldTitle(field)}
                  value={chosen.has(field)}
                  onValue={(on) => onChoose([field], on)}
                />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface GroupHeadProps extends Pick<FieldListProps, 'onChoose'> {
  group: FieldGroup;
  chosen: ReadonlySet<string>;
}

function GroupHead({ group: { title, fields }, chosen, onChoose }: GroupHeadProps) {
  const count = fields.filter((field) => chosen.has(field)).length;
  const state: BoxState = count === fields.length || (count > 0 && 'mixed');
  return (
    <>
      <RowBox label={`All of ${title}`} state={state} onCheck={(on) => onChoose(fields, on)} />
      <span className="muted">{title}</span>
      <span className="faint">{grouped(fields.length)}</span>
    </>
  );
}

/** The chosen columns; Alt with an arrow key moves the one in focus. */
function ColumnOrder({
  columns,
  onChange,
}: {
  columns: readonly string[];
  onChange(columns: string[]): void;
}) {
  const { virtual, box } = useRovingList({ keys: columns, heightOf: () => CHOSEN, across: 2 });
  const move = (field: string, to: number) =>
    onChange(columns.filter((other) => other !== field).toSpliced(to, 0, field));
  return (
    <div className="stack">
      <p className="muted">Reorder with Alt and the arrow keys, or drag the column headers.</p>
      <div className="columns-list scrolls" {...box}>
        <ol className="holds" aria-label="Order of the columns" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start, size }) => {
            const field = columns[index];
            return (
              <li
                key={field}
                className="columns-line grid middle wide line-below"
                aria-posinset={index + 1}
                aria-setsize={columns.length}
                data-index={index}
                style={{
                  gridTemplateColumns: '1fr auto auto',
                  height: size,
                  transform: `translateY(${start}px)`,
                }}
              >
                <span className="clip">{fieldTitle(field)}</span>
                <MoveButtons
                  name={fieldTitle(field)}
                  at={index}
                  last={columns.length - 1}
                  onMove={(to) => move(field, to)}
                />
              </li>
            );
          })}
        </ol>
      </div>
    </div>
  );
}
