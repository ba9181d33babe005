import { RotateCcw } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Condition, Degree, LookRequest, RemakePlan, Remaking } from '../../../core/api/reproduce.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { FileButton } from '../../app/FilePicker.tsx';
import { ActionButton } from '../../components/Button.tsx';
import { CopyLine } from '../../components/CopyButton.tsx';
import { type Column, column } from '../../components/columns.ts';
import { Chip } from '../../components/lists.tsx';
import { Missing, Screen } from '../../components/Screen.tsx';
import { ScreenFoot, Statement } from '../../components/Statement.tsx';
import { Table } from '../../components/Table.tsx';
import { countText, shortTime, timeText } from '../../format/format.ts';
import { shell } from '../../shell/window-shell.ts';
import { api, useKeptQuery } from '../../state/api.ts';
import { takeFiles } from '../../state/drops.ts';
import { goesOn, startWork, useWork } from '../../state/long-work.ts';
import { replaceQuery, routeLink, useRoute } from '../../state/navigation.ts';
import { MARKS, MarkIcon } from './marks.tsx';

type Of = LookRequest['of'];

const subjectOf = (of: Of) => (of.kind === 'run' ? of.run : null);

/** What to expect where runs are made again: every condition then and now, and the two ways to do it. */
export function BeforeView({ of, data }: { of: Of; data: string[] }) {
  const query = useKeptQuery(api.reproduce.look.queryOptions({ input: { of, data } }));
  const plan = query.data;
  const works = useWork();
  const going = works.find(
    (work) =>
      work.of === 'reproduction' &&
      goesOn(work) &&
      (subjectOf(of) ?? plan?.title) === (work.subject ?? work.name),
  );
  const isHopeless = plan?.expected.degree === 'cannot';
  const start = (how: Remaking) =>
    void startWork('Nothing could be made again', {
      of: 'reproduction',
      input: { of, data, how, anyway: isHopeless },
    });
  const train: Action = {
    ...{ id: 'reproduce.train', label: 'Train again', group: 'Run', shortcut: 'Mod+Enter' },
    short: plan ? trainText(plan) : 'Train again',
    why: plan?.missing[0] ?? 'It is being prepared',
    enabled: () => plan !== undefined && plan.missing.length === 0 && going === undefined,
    perform: () => start('train'),
  };
  const evaluate: Action = {
    ...{ id: 'reproduce.evaluate', label: 'Only evaluate again', group: 'Run', shortcut: 'e' },
    why: plan?.notEvaluated ?? undefined,
    enabled: () => plan !== undefined && plan.notEvaluated === null && going === undefined,
    perform: () => start('evaluate'),
  };
  useRegisteredActions([train, evaluate]);
  const up = of.kind === 'run' ? routeLink('run', [of.run]) : routeLink('runs');
  return (
    <Screen
      up={{ label: of.kind === 'run' ? 'Run' : 'Runs', href: up }}
      title={
        <span className="row shrinks regular">
          <span className="clip strong">{plan?.title ?? 'Reproduce'}</span>
          <Chip icon={RotateCcw} tone="accent">
            Reproduce
          </Chip>
        </span>
      }
      actions={
        <>
          <ActionButton action={evaluate} />
          <ActionButton kind="primary" action={train} />
        </>
      }
    >
      {plan ? (
        <Expected plan={plan} of={of}>
          {going && <p className="banner row line-below surface">{going.doing || 'Reading'} …</p>}
        </Expected>
      ) : (
        <Missing query={query}>Reading what it was made from</Missing>
      )}
    </Screen>
  );
}

/** With the time that all of it took then, where that is known. */
function trainText({ runs, expected }: RemakePlan): string {
  const verb = expected.degree === 'cannot' ? 'Train all the same' : 'Train again';
  const seconds = runs.reduce((sum, run) => sum + (run.seconds ?? Number.NaN), 0);
  return Number.isFinite(seconds) ? `${verb}, ${shortTime(seconds)}` : verb;
}

function Expected({ plan, of, children }: { plan: RemakePlan; of: Of; children: ReactNode }) {
  const { expected, conditions, runs, others, missing } = plan;
  const [fact, limit] = expected.text.split(/(?=: )/s);
  const same = conditions.filter(({ mark }) => mark === 'same').length;
  return (
    <div className="column tall">
      <Statement fact={fact} limit={limit} large>
        {same} of {countText(conditions.length, 'condition')} are the same. {runsText(plan)}
      </Statement>
      {children}
      <div className="study-page grid gap-6">
        {missing.length > 0 && (
          <section className="stack">
            {missing.map((text) => (
              <p key={text} className="warning">
                {text}.
              </p>
            ))}
            <span>
              <FileButton label="Choose the files" several onFiles={take} />
            </span>
          </section>
        )}
        <Table
          label="Conditions"
          columns={conditionColumns(runs.length === 1 ? runs[0].endedAt : null)}
          rows={conditions}
        />
        <div className="study-columns grid">
          <Degrees degree={expected.degree} />
          <section className="stack">
            <h2>In a terminal</h2>
            <CopyLine what="the command" text={`tessera reproduce ${of.kind === 'run' ? of.run : of.path}`} />
            {others.map(({ name, reason }) => (
              <p key={name} className="muted">
                Not made again: {name}, for {reason}.
              </p>
            ))}
          </section>
        </div>
      </div>
      <ScreenFoot>
        {MARK_ORDER.map((mark) => (
          <span key={mark} className="row gap-sign">
            <MarkIcon mark={mark} />
            {MARKS[mark].means}
          </span>
        ))}
      </ScreenFoot>
    </div>
  );
}

/** More files in which the data may be. Large ones take a while: by then others may have come, or another screen. */
function take(files: File[]): void {
  const { path } = useRoute.getState();
  const add = (paths: string[]) => {
    const now = useRoute.getState();
    if (now.screen === 'reproduce' && now.path.join('/') === path.join('/'))
      replaceQuery({ data: [now.query.get('data'), ...paths].filter(Boolean).join('\n') });
  };
  void takeFiles((watch) => shell.takeFiles(files, watch), add);
}

function runsText({ runs, version }: RemakePlan): string {
  const names = runs.length === 1 ? runs[0].name : countText(runs.length, 'run');
  return `${names}, written by Tessera ${version}. New runs stand beside those that are there.`;
}

const MARK_ORDER = ['same', 'about', 'may', 'unknown', 'cannot'] as const;

function conditionColumns(endedAt: number | null): Column<Condition>[] {
  return [
    column('what', 'Condition', 'text', ({ what }) => what, {
      // Names of runs would push out what it means.
      render: ({ what }) => (
        <span className="clip" title={what} style={{ display: 'block', maxWidth: 320 }}>
          {what}
        </span>
      ),
    }),
    column(
      'earlier',
      endedAt === null ? 'Then' : `Then, ${timeText(endedAt)}`,
      'text',
      ({ earlier }) => earlier,
    ),
    column('mark', 'Mark', 'text', ({ mark }) => MARKS[mark].means, {
      width: 60,
      head: <span className="visually-hidden">Mark</span>,
      render: ({ mark }) => (
        <>
          <MarkIcon mark={mark} />
          <span className="visually-hidden">{MARKS[mark].means}</span>
        </>
      ),
    }),
    column('now', 'Now', 'text', ({ now }) => now, {
      render: ({ now, mark }) => <span className={MARKS[mark].tone}>{now}</span>,
    }),
    column('means', 'What it means', 'text', ({ means }) => means),
  ];
}

const DEGREES = [
  { title: 'Bit for bit', means: 'every rank of every user', of: ['exact', 'unknown'] },
  {
    title: 'Within rounding',
    means: 'the same best epoch, differences up to 0.0015 in all columns of tables',
    of: ['close'],
  },
  { title: 'Told apart', means: 'paired test over users, p < 0.05', of: ['cannot'] },
] as const satisfies { title: string; means: string; of: readonly Degree[] }[];

/** The three degrees of agreement, and which one is expected. */
function Degrees({ degree }: { degree: Degree }) {
  return (
    <section className="stack">
      <div className="chart-head">
        <h2>
          What to expect <span className="muted">three degrees of agreement</span>
        </h2>
      </div>
      <ul>
        {DEGREES.map(({ title, means, of }) => {
          const isExpected = (of as readonly Degree[]).includes(degree);
          return (
            <li
              key={title}
              className="grid middle gap-2 line-below"
              style={{ minHeight: 32, gridTemplateColumns: '12px 112px minmax(0, 1fr) max-content' }}
            >
              <span className="tiles large flex" aria-hidden="true">
                <i
                  data-filled={isExpected || undefined}
                  style={{ background: isExpected ? 'var(--accent)' : undefined }}
                />
              </span>
              {isExpected ? <strong>{title}</strong> : <span>{title}</span>}
              <span className="muted">{means}</span>
              <span>
                {isExpected &&
                  (degree === 'unknown' ? 'expected if what is not recorded is the same' : 'expected')}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
