import {
  CLICK_ROLES,
  type ClickRole,
  type MixedColumn,
  NO_COLUMN,
  othersText,
  type PreviewFile,
  ROLES,
  type Role,
  SIDE_ROLES,
} from '../../../core/api/datasets.ts';
import { Select } from '../../components/controls.tsx';
import { roleName } from './messages.ts';

const PARTS = { interactions: 'Interactions', items: 'Items', users: 'Users' };
const ROLE_NAMES: Record<Role, string> = {
  user: 'User',
  item: 'Item',
  rating: 'Rating',
  time: 'Time',
  title: 'Title',
};
/** Roles that can be chosen in a file of each part; of side files the id column follows from the interactions. */
const CHOICES: Record<PreviewFile['part'], readonly Role[]> = {
  interactions: ROLES.filter((role) => role !== 'title'),
  items: ['title'],
  users: [],
};

export interface PreviewTableProps {
  file: PreviewFile;
  /** What it is called here. */
  name: string;
  /** Lines of the file, from 1, that cannot be read. */
  bad: readonly number[];
  /** Its columns that turned out to hold more than numbers. */
  mixed: readonly MixedColumn[];
  onRole(column: string, role: Role | ''): void;
  onClickRole(column: string, role: ClickRole): void;
}

/** The beginning of a file as it is understood, with the meaning of each column to be corrected. */
export function PreviewTable(props: PreviewTableProps) {
  const { file, name, mixed, bad } = props;
  const first = file.kind === 'delimited' && file.header ? 2 : 1;
  const roleOf = (column: string) => {
    const click = file.clicks?.[column] ?? file.side?.[column];
    if (click) return click === 'ignore' ? '' : click;
    return ROLES.find((role) => file.roles[role] === column) ?? '';
  };
  const part = file.clicks ? 'Click log' : PARTS[file.part];
  return (
    <section className="preview line-below" aria-label={`${part}: ${name}`}>
      <h2>
        {part} <span className="preview-file">{name}</span>
        <span className="muted preview-facts small">{factsOf(file)}</span>
      </h2>
      {isWithoutTime(file) && (
        <p className="preview-note surface">
          No time column: the order of the file is used, and “last” is the last one there.
        </p>
      )}
      {mixed.map((found) => (
        <p key={found.column} className="preview-note surface">
          {found.column} will be a category: {othersText(found)}.
        </p>
      ))}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className="preview-scroll scrolls" tabIndex={0} aria-label={`Beginning of ${name}`}>
        <table className="preview-table">
          <thead>
            <tr>
              {file.columns.map((column) => (
                <th key={column} scope="col" data-role={roleOf(column) || undefined}>
                  <ColumnRole {...props} column={column} />
                  <span className="small muted">{column === NO_COLUMN ? '' : column}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {file.rows.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have nothing but their place
              <tr key={at} data-bad={bad.includes(at + first) || undefined}>
                {file.columns.map((column, field) => (
                  <td
                    key={column}
                    className="clip"
                    data-role={roleOf(column) || undefined}
                    title={row[field] ?? undefined}
                  >
                    {row[field] ?? ''}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

/** Rows of users in no other order than that of the file; a line a user states its order. */
function isWithoutTime({ part, kind, roles }: PreviewFile): boolean {
  return (
    part === 'interactions' && kind !== 'sequences' && roles.user !== undefined && roles.time === undefined
  );
}

function ColumnRole({ file, mixed, column, onRole, onClickRole }: PreviewTableProps & { column: string }) {
  if (file.clicks) {
    return (
      <Select
        aria-label={`Meaning of ${column}`}
        value={file.clicks[column]}
        choices={CLICK_ROLES.map((name) => ({ value: name, label: roleName(name) }))}
        onValue={(chosen) => onClickRole(column, chosen)}
      />
    );
  }
  if (file.side?.[column]) {
    const title = file.part === 'items' ? (['title'] as const) : [];
    return (
      <Select
        aria-label={`Meaning of ${column}`}
        value={mixed.some((found) => found.column === column) ? 'categorical' : file.side[column]}
        choices={[
          ...SIDE_ROLES.map((name) => ({ value: name, label: roleName(name) })),
          ...title.map((name) => ({ value: name, label: ROLE_NAMES[name] })),
        ]}
        onValue={(chosen) => (chosen === 'title' ? onRole(column, chosen) : onClickRole(column, chosen))}
      />
    );
  }
  const role = ROLES.find((name) => file.roles[name] === column) ?? '';
  const choices = CHOICES[file.part];
  const fixed = role !== '' && !choices.includes(role);
  if (fixed || choices.length === 0 || file.kind === 'sequences') {
    return <span className="preview-role block">{role === '' ? '–' : ROLE_NAMES[role]}</span>;
  }
  return (
    <Select
      aria-label={`Meaning of ${column}`}
      value={role}
      choices={[
        { value: '' as Role | '', label: file.part === 'interactions' ? 'Not used' : 'Side column' },
        ...choices.map((name) => ({ value: name, label: ROLE_NAMES[name] })),
      ]}
      onValue={(chosen) => onRole(column, chosen)}
    />
  );
}

const SEPARATOR_NAMES: Record<string, string> = {
  ',': 'comma',
  ';': 'semicolon',
  '\t': 'tab',
  '|': '|',
  '::': '::',
  ' ': 'space',
};
const KIND_NAMES: Record<PreviewFile['kind'], string> = {
  delimited: 'Text',
  json: 'JSON lines',
  parquet: 'Parquet',
  sequences: 'One sequence a line',
};

function factsOf({ kind, gzip, encoding, separator, header, timeUnit }: PreviewFile): string {
  const facts = [
    KIND_NAMES[kind],
    gzip ? 'gzip' : null,
    kind === 'parquet' ? null : encoding.toUpperCase(),
    separator === null ? null : `separated by ${SEPARATOR_NAMES[separator] ?? separator}`,
    kind === 'delimited' ? (header ? 'with column names' : 'no column names') : null,
    timeUnit === null ? null : timeUnit === 'date' ? 'time as dates' : `time in ${timeUnit}`,
  ];
  return facts.filter((fact) => fact !== null).join(', ');
}
