import { useQuery } from '@tanstack/react-query';
import { FileText, FolderOpen, Package, Plus, Scale } from 'lucide-react';
import { useRef } from 'react';
import type { PlanEntry } from '../../../core/api/plans.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Ago } from '../../components/Ago.tsx';
import { ActionButton, Icon } from '../../components/Button.tsx';
import { Answer, Screen } from '../../components/Screen.tsx';
import { ScreenFoot, Statement } from '../../components/Statement.tsx';
import { countText } from '../../format/format.ts';
import { blankPlan, newPlan } from '../../runs/plans.ts';
import { shell } from '../../shell/window-shell.ts';
import { api, client } from '../../state/api.ts';
import { discardUploads, takeFiles } from '../../state/drops.ts';
import { goTo, routeLink, useRoute } from '../../state/navigation.ts';
import { useNow } from '../../state/now.ts';
import { PlanPage } from './PlanPage.tsx';
import { PlanTiles, statesText } from './PlanTiles.tsx';
import { countWords, saysText, tablesText } from './plan-words.ts';

/** Plans: the list, or one of them. */
export default function PlansScreen() {
  const [plan] = useRoute((place) => place.path);
  return plan === undefined ? <PlanList /> : <PlanPage key={plan} plan={plan} />;
}

/** What was uploaded of the archive is not kept. */
function planOfBundle(chosen: File[]): Promise<void> {
  return takeFiles(
    (watch) => shell.takeFiles(chosen, watch),
    async ([path]) => {
      await newPlan(() => client.plans.ofBundle({ path }));
      discardUploads([path]);
    },
  );
}

const COLUMNS = {
  gridTemplateColumns: 'minmax(200px, 302fr) minmax(96px, 180fr) 318px minmax(140px, 250fr) 96px',
};
const ROW = 60;
const CARD = { padding: 16, border: '1px solid var(--line)', borderRadius: 'var(--radius-panel)' };

function PlanList() {
  const query = useQuery(api.plans.list.queryOptions());
  const file = useRef<HTMLInputElement>(null);
  const archive = useRef<HTMLInputElement>(null);
  const open: Action = {
    ...{
      id: 'plans.open',
      label: 'Open a plan from a file',
      short: 'Open a file',
      icon: FolderOpen,
      group: 'File',
    },
    perform: () => file.current?.click(),
  };
  const blank: Action = {
    ...{
      id: 'plans.new',
      label: 'New plan',
      icon: Plus,
      group: 'Run',
      keywords: 'paper table yaml experiment',
    },
    perform: () => void newPlan(blankPlan),
  };
  const compare: Action = {
    ...{ id: 'plans.compare', label: 'New plan from a comparison', short: 'From a comparison', group: 'Run' },
    perform: () => goTo('compare'),
  };
  const bundle: Action = {
    ...{ id: 'plans.bundle', label: 'New plan from a bundle', short: 'From a bundle', group: 'File' },
    perform: () => archive.current?.click(),
  };
  useRegisteredActions([open, blank, compare, bundle]);
  return (
    <Screen
      title="Plans"
      aside={query.data && query.data.length > 0 && <span className="muted">{query.data.length}</span>}
      actions={
        <>
          <ActionButton action={open} />
          <ActionButton action={blank} kind="primary" />
        </>
      }
    >
      <input
        ref={file}
        type="file"
        accept=".yaml,.yml"
        hidden
        aria-label="A plan"
        onChange={({ target }) => {
          const [chosen] = target.files ?? [];
          if (chosen) void newPlan(() => chosen.text());
          target.value = '';
        }}
      />
      <input
        ref={archive}
        type="file"
        accept=".zip"
        hidden
        aria-label="A bundle"
        onChange={({ target }) => {
          const chosen = [...(target.files ?? [])];
          target.value = '';
          if (chosen.length > 0) void planOfBundle(chosen);
        }}
      />
      <Answer query={query}>
        {(plans) => (
          <div className="column tall">
            <ListStatement plans={plans} />
            {plans.length > 0 && <Rows plans={plans} />}
            <Beginnings ways={{ compare, open, bundle, blank }} isFirst={plans.length === 0} />
            <ScreenFoot>
              <span>A tile is a run. Enter opens a plan.</span>
              <span className="push">tessera plan run FILE</span>
            </ScreenFoot>
          </div>
        )}
      </Answer>
    </Screen>
  );
}

function ListStatement({ plans }: { plans: readonly PlanEntry[] }) {
  const now = useNow(15_000);
  const running = plans.filter(({ state }) => state === 'running');
  const [first] = running;
  const about =
    'A plan names data, models, budgets and seeds, trains what is not there yet, and ends in the tables of a paper.';
  if (plans.length === 0) return <Statement fact="No plans yet">{about}</Statement>;
  const when = first?.next
    ? tablesText([first.next.time], now).replace(/^Table 1/, `table ${first.next.table + 1}`)
    : '';
  return (
    <Statement
      large
      fact={
        running.length === 0
          ? 'No plan runs'
          : `${countWords(running.length, 'plan')} run${running.length === 1 ? 's' : ''}`
      }
      limit={when === '' ? undefined : `, ${when}`}
    >
      {about}
    </Statement>
  );
}

function Rows({ plans }: { plans: readonly PlanEntry[] }) {
  return (
    <div className="inset">
      <div className="grid gap-4 medium muted small line-below" style={COLUMNS} aria-hidden="true">
        <span>Plan</span>
        <span>Data</span>
        <span>Runs</span>
        <span>What it says, or when</span>
        <span className="text-end">Changed</span>
      </div>
      <ul aria-label="Plans">
        {plans.map((plan) => (
          <Row key={plan.id} plan={plan} />
        ))}
      </ul>
    </div>
  );
}

function Row({ plan }: { plan: PlanEntry }) {
  const { id, name, tables, models, data, seeds, unreadable, changedAt } = plan;
  const [says, beneath] = saysText(plan, useNow(15_000));
  const size = `${countText(tables, 'table')}, ${countText(models, 'model')}`;
  return (
    <li className="line-below">
      <a
        className="row-link grid gap-4 middle plain"
        style={{ ...COLUMNS, minHeight: ROW, color: 'inherit' }}
        href={routeLink('plans', [id])}
      >
        <span className="shrinks">
          <b className="block clip">{name}</b>
          <small className="muted regular">{unreadable === null ? size : plan.file}</small>
        </span>
        <span className="clip muted regular">{data.join(', ')}</span>
        <span className="shrinks">
          <PlanTiles states={seeds} colour="var(--text-muted)" size={8} gap={2.4} line={28} />
          <small className="muted regular">{seeds.length > 0 && statesText(seeds)}</small>
        </span>
        <span className="shrinks">
          <b className={`block clip medium ${unreadable === null ? '' : 'bad'}`}>{says}</b>
          <small className="block clip muted regular" title={beneath}>
            {beneath}
          </small>
        </span>
        <span className="text-end muted regular">
          <Ago time={changedAt} />
        </span>
      </a>
    </li>
  );
}

interface BeginningsProps {
  ways: Record<'compare' | 'open' | 'bundle' | 'blank', Action>;
  isFirst: boolean;
}

function Beginnings({ ways: { compare, open, bundle, blank }, isFirst }: BeginningsProps) {
  const cards = [
    {
      action: compare,
      icon: Scale,
      title: 'From a comparison',
      text: 'its models with their settings: Save as plan, on Compare',
    },
    { action: open, icon: FileText, title: 'From a file', text: 'plan.yaml, dropped anywhere' },
    {
      ...{ action: bundle, icon: Package, title: 'From a bundle' },
      text: 'somebody else’s table, again and with your model in it',
    },
    { action: blank, icon: Plus, title: 'Blank', text: 'data set, models, seeds' },
  ];
  return (
    <section className="stack page-inset">
      <h2>{isFirst ? 'Begin' : 'Begin another'}</h2>
      <div className="panels" style={{ '--least': '240px' } as object}>
        {cards.map(({ action, icon, title, text }) => (
          <button
            key={title}
            type="button"
            className="bare grid gap-1 packed text-start"
            style={CARD}
            onClick={() => void action.perform()}
          >
            <span className="row">
              <Icon of={icon} />
              <b>{title}</b>
            </span>
            <small className="muted regular">{text}</small>
          </button>
        ))}
      </div>
    </section>
  );
}
