import { useState } from 'react';
import {
  CLICK_ROLES,
  type ClickRole,
  type MixedColumn,
  NO_COLUMN,
  othersText,
  type PreviewFile,
  ROLES,
  type Role,
  roleName,
  SIDE_ROLES,
  type SideRole,
} from '../../../core/api/datasets.ts';
import { Button } from '../../components/Button.tsx';
import { SearchField } from '../../components/controls.tsx';
import { Select } from '../../components/Select.tsx';
import { grouped } from '../../format/format.ts';

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

/** What a further column of interactions can be kept as. */
const FEATURES = SIDE_ROLES.filter((role) => role !== 'ignore');
const isFeature = (role: string): role is SideRole => FEATURES.some((one) => one === role);

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

/** A page of columns: more would cost more than anyone looks at. */
const COLUMNS_SHOWN = 40;

/** The columns that are shown, as places in the file: a page of those whose name holds what is searched for. */
function useColumns(columns: readonly string[]) {
  const [search, setSearch] = useState('');
  const [page, setPage] = useState(0);
  const wanted = search.trim().toLowerCase();
  const found = columns.flatMap((column, at) => (column.toLowerCase().includes(wanted) ? [at] : []));
  const start = page * COLUMNS_SHOWN;
  const shown = found.slice(start, start + COLUMNS_SHOWN);
  const find = (text: string) => {
    setSearch(text);
    setPage(0);
  };
  return { search, find, page, setPage, start, shown, found: found.length };
}

/** Where a file has more columns than are shown: which these are, the next ones, and a search by name. */
function ColumnPages({ pages, of }: { pages: ReturnType<typeof useColumns>; of: number }) {
  const { search, find, page, setPage, start, shown, found } = pages;
  const matching = search.trim() === '' ? '' : ' that match';
  return (
    <div className="row wrap">
      <SearchField label="Find a column" placeholder="Find a column" value={search} onValue={find} />
      <span className="muted" role="status">
        {shown.length === 0
          ? 'No column of this name'
          : `Columns ${grouped(start + 1)} to ${grouped(start + shown.length)} of ${grouped(found)}${matching}`}
        {matching && `, ${grouped(of)} in all`}
      </span>
      <Button disabled={page === 0} onClick={() => setPage(page - 1)}>
        Previous {COLUMNS_SHOWN}
      </Button>
      <Button disabled={start + shown.length >= found} onClick={() => setPage(page + 1)}>
        Next {COLUMNS_SHOWN}
      </Button>
    </div>
  );
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
  const pages = useColumns(file.columns);
  const part = file.clicks ? 'Click log' : PARTS[file.part];
  return (
    <section className="preview stack gap-2 page-inset line-below" aria-label={`${part}: ${name}`}>
      <h2 className="row baseline wrap">
        {part} <span className="regular">{name}</span>
        <span className="muted regular small">{factsOf(file)}</span>
      </h2>
      {isWithoutTime(file) && (
        <p className="notice">
          No time column: the order of the file is used, and “last” is the last one there.
        </p>
      )}
      {mixed.map((found) => (
        <p key={found.column} className="notice">
          {found.column} will be a category: {othersText(found)}.
        </p>
      ))}
      {file.columns.length > COLUMNS_SHOWN && <ColumnPages pages={pages} of={file.columns.length} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className="preview-scroll scrolls" tabIndex={0} aria-label={`Beginning of ${name}`}>
        <table className="preview-table">
          <thead>
            <tr>
              {pages.shown
                .map((place) => file.columns[place])
                .map((column) => (
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
                {pages.shown.map((field) => (
                  <td
                    key={file.columns[field]}
                    className="clip"
                    data-role={roleOf(file.columns[field]) || undefined}
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
        {
          value: '' as Role | SideRole | '',
          label: file.part === 'interactions' ? 'Not used' : 'Side column',
        },
        ...choices.map((name) => ({ value: name, label: ROLE_NAMES[name] })),
        ...(file.part === 'interactions'
          ? FEATURES.map((name) => ({ value: name, label: roleName(name) }))
          : []),
      ]}
      onValue={(chosen) => (isFeature(chosen) ? onClickRole(column, chosen) : onRole(column, chosen))}
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
  sequences: 'One sequence per line',
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
