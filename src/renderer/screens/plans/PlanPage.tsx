import { Download, Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { z } from 'zod';
import type { PlanCheck, PlanHead, PlanStart } from '../../../core/api/plans.ts';
import type { Action } from '../../actions/action.ts';
import { shortcutLabel } from '../../actions/keys.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { ActionButton, Button } from '../../components/Button.tsx';
import { DraftNote } from '../../components/DraftNote.tsx';
import { Chip } from '../../components/lists.tsx';
import { MoreMenu } from '../../components/Menu.tsx';
import { Answer, EmptyState, Missing, Screen } from '../../components/Screen.tsx';
import { Segments } from '../../components/Segments.tsx';
import { Tabs } from '../../components/Tabs.tsx';
import { countText, grouped } from '../../format/format.ts';
import { deletePlan, newPlan } from '../../runs/plans.ts';
import { api, client, isUserError, problemText, useKeptQuery } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import { useDraft } from '../../state/drafts.ts';
import { useMedia } from '../../state/media.ts';
import { routeLink, useChoice } from '../../state/navigation.ts';
import { attempt, notify } from '../../state/toasts.ts';
import { LogView } from './LogView.tsx';
import { PaperActions, PaperStyles } from './PaperActions.tsx';
import { PaperView } from './PaperView.tsx';
import { PlanEditor, SHOWN } from './PlanEditor.tsx';
import { ProgressView } from './ProgressView.tsx';
import { useLeftOut, usePaper } from './paper-state.ts';
import { toTrain } from './plan-words.ts';
import { SearchView } from './SearchView.tsx';

const VIEWS = ['plan', 'runs', 'search', 'paper', 'log'] as const;
const FIRST_VIEW = { draft: 'plan', running: 'runs', paused: 'runs', ended: 'paper' } as const;
const LIST = { label: 'Plans', href: routeLink('plans') };

/** One plan: while it is written, while it runs, and its paper. */
export function PlanPage({ plan }: { plan: string }) {
  const read = useKeptQuery(api.plans.read.queryOptions({ input: { plan } }));
  if (read.data) return <Known {...read.data} />;
  return (
    <Screen title="Plan" up={LIST}>
      {isUserError(read.error) ? (
        <EmptyState title="This plan cannot be read" text={problemText(read.error)}>
          <Button onClick={() => void deletePlan({ id: plan, name: 'the plan' })}>Delete it</Button>
        </EmptyState>
      ) : (
        <Missing query={read} />
      )}
    </Screen>
  );
}

type Where = Partial<PlanStart['where']>;

interface KnownProps {
  head: PlanHead;
  text: string;
  version: string;
  /** As it was started last. */
  where: Omit<Where, 'hosts'> & { hosts?: readonly string[] };
}

const draftSchema = z.object({ text: z.string(), version: z.string() });
const TYPING_MS = 250;

/** What is typed, and what the program reads in it. */
function usePlanText({ head, text, version }: KnownProps, where: Where) {
  const { draft, isKept, change, forget } = useDraft(`plan ${head.id}`, draftSchema, { text, version });
  const asked = useDebounced(draft.text, TYPING_MS);
  const input = { plan: head.id, text: asked, where };
  const check = useKeptQuery(api.plans.check.queryOptions({ input }));
  const save = () =>
    attempt('Could not save the plan', async () => {
      await client.plans.save({ plan: head.id, ...draft });
      forget();
    });
  return {
    ...{ text: draft.text, isDraft: isKept && draft.text !== text, forget, save },
    isChecked: check.data !== undefined && !check.isPlaceholderData && asked === draft.text,
    check: check.data,
    // As it is in the file it is no draft, which would keep this version of the file alone.
    setText: (next: string) => (next === text ? forget() : change({ text: next })),
  };
}

function Known(props: KnownProps) {
  const { head } = props;
  const { id, name, state, isOwn, file } = head;
  const isElsewhere = head.heldBy !== null && state === 'draft';
  const [view, setView] = useChoice('view', VIEWS, isElsewhere ? 'runs' : FIRST_VIEW[state]);
  const isNarrow = useMedia('(width <= 1180px)');
  const [chosen, setShown] = useChoice('shown', SHOWN);
  const shown = isNarrow && chosen === 'both' ? 'form' : chosen;
  const [hosts, setHosts] = useState(props.where.hosts);
  const where = { ...props.where, hosts: hosts && [...hosts] };
  const written = usePlanText(props, where);
  const { text, check, isDraft } = written;
  const save: Action = {
    ...{
      id: 'plans.save',
      label: 'Save the file of the plan',
      short: 'Save file',
      icon: Download,
      group: 'File',
    },
    ...{ shortcut: 'Mod+S', enabled: () => isDraft && isOwn, why: 'The file is as it is saved' },
    perform: () => void written.save(),
  };
  const why = written.isChecked ? obstacle(check, head) : 'The plan is being read';
  const start: Action = {
    ...{
      id: 'plans.start',
      label: 'Start this plan',
      short: startText(check),
      group: 'Run',
    },
    ...{ shortcut: 'Mod+Enter', enabled: () => why === null, why: why ?? undefined },
    perform: async () => {
      if (isDraft && !(await written.save())) return;
      await attempt('Could not start the plan', () => client.plans.start({ plan: id, where }));
    },
  };
  const turn = turnAction(head);
  const remove: Action = {
    ...{ id: 'plans.delete', label: 'Delete this plan', short: 'Delete', group: 'Edit', verb: 'delete' },
    perform: () => void deletePlan(head),
  };
  const copy: Action = {
    ...{ id: 'plans.copy', label: 'Save a copy of this plan', short: 'Save a copy', group: 'File' },
    perform: () => void newPlan(() => text),
  };
  const isDone = why === NOTHING;
  const tables: Action = {
    ...{
      id: 'plans.tables',
      label: 'Open the tables of this plan',
      short: 'Open tables',
      group: 'Go',
      shortcut: 't',
    },
    perform: () => setView('paper'),
  };
  useRegisteredActions([save, start, tables, ...(turn ? [turn] : [])]);
  const isRunning = state === 'running' || state === 'paused';
  const editor = (
    <PlanEditor
      {...{ text, file, check, shown, hosts }}
      isFixed={!isOwn}
      onText={written.setText}
      onHosts={setHosts}
    />
  );
  const isPaper = view === 'paper';
  const leftOut = useLeftOut(head, written);
  const { query: paper, setStyle } = usePaper(id, leftOut, isPaper);
  const tabs = [
    {
      ...{ id: 'paper', title: isRunning ? 'Paper so far' : 'Paper' },
      content: (
        <Answer query={paper}>
          {(read) => (
            <PaperView key={read.style} paper={read} leftOut={leftOut} unequal={check?.plan?.unequal ?? []} />
          )}
        </Answer>
      ),
    },
    { id: 'runs', title: 'Runs', content: <ProgressView plan={id} /> },
    { id: 'search', title: 'Search', content: <SearchView plan={id} /> },
    { id: 'plan', title: 'Plan', content: editor },
    { id: 'log', title: 'Log', content: <LogView plan={id} /> },
  ];
  return (
    <Screen
      title={name}
      up={LIST}
      aside={isDraft ? <DraftNote onDiscard={written.forget} /> : <StateChip head={head} check={check} />}
      actions={
        <>
          {view === 'plan' && (
            <Segments
              label="What is shown"
              choices={[
                { value: 'form', label: 'Form' },
                ...(isNarrow ? [] : [{ value: 'both' as const, label: 'Both' }]),
                { value: 'yaml', label: 'YAML' },
              ]}
              value={shown}
              onValue={setShown}
            />
          )}
          {isOwn && (view === 'plan' || (isPaper && isDraft)) && <KeyButton action={save} />}
          {isPaper && <PaperActions name={name} paper={paper.data} />}
          {turn && <ActionButton action={turn} kind={state === 'paused' ? 'primary' : 'normal'} />}
          {!isRunning && !isPaper && <KeyButton action={isDone ? tables : start} kind="primary" />}
          <MoreMenu choices={[copy, remove]} />
        </>
      }
    >
      {state === 'draft' && isOwn && view === 'plan' ? (
        editor
      ) : (
        <Tabs
          label="Parts of the plan"
          tabs={tabs}
          current={view}
          aside={isPaper && <PaperStyles paper={paper.data} onStyle={setStyle} />}
          onChange={(next) => setView(next as typeof view)}
        />
      )}
    </Screen>
  );
}

/** With its key beside it. */
function KeyButton({ action, kind }: { action: Action; kind?: 'primary' }) {
  return (
    <ActionButton action={action} kind={kind}>
      {action.short ?? action.label} <kbd>{shortcutLabel(action.shortcut ?? '')}</kbd>
    </ActionButton>
  );
}

/** "Start 26 runs", or trials alone where they are all that is missing so far. */
function startText(check: PlanCheck | undefined): string {
  const { missing = 0, trials = 0 } = check?.plan?.takes ?? {};
  return `Start ${missing > 0 || trials === 0 ? countText(missing, 'run') : countText(trials, 'trial')}`;
}

const NOTHING = 'Nothing to train';

/** Why it cannot be started; null where it can. */
function obstacle(check: PlanCheck | undefined, { heldBy, state }: PlanHead): string | null {
  if (!check) return 'The plan is being read';
  if (heldBy !== null && state !== 'running') return `Process ${heldBy} runs this plan in a terminal`;
  const [first] = check.problems;
  const { plan } = check;
  const absent = plan?.tables.find((table) => table.absent !== null);
  if (absent) return `The data set ${absent.data} is not here`;
  if (first || !plan) return `Line ${first?.line ?? 1} cannot be read`;
  const isMeasured = plan.results.every((result) => result.isMeasured || result.problem !== null);
  return toTrain(plan) === 0 && isMeasured ? NOTHING : null;
}

function StateChip({ head: { state, heldBy }, check }: { head: PlanHead; check: PlanCheck | undefined }) {
  if (state === 'running') return <Chip tone="accent">Running</Chip>;
  if (state === 'paused') return <Chip tone="warning">Paused</Chip>;
  if (heldBy !== null) return <Chip tone="accent">Running in a terminal</Chip>;
  const { done = 0, missing = 0, trials = 0 } = check?.plan?.takes ?? {};
  if (state !== 'ended' || done === 0) return null;
  const isDone = missing === 0 && trials === 0;
  return <Chip>{`${isDone ? 'Done, ' : ''}${grouped(done)} of ${countText(done + missing, 'run')}`}</Chip>;
}

function turnAction({ id, state }: PlanHead): Action | null {
  if (state !== 'running' && state !== 'paused') return null;
  const isPaused = state === 'paused';
  return {
    ...{ id: 'plans.pause', label: isPaused ? 'Continue this plan' : 'Pause this plan', group: 'Run' },
    ...{ short: isPaused ? 'Continue' : 'Pause', icon: isPaused ? Play : Pause },
    perform: () =>
      void attempt(`Could not ${isPaused ? 'resume' : 'pause'} the plan`, async () => {
        await (isPaused ? client.plans.resume({ plan: id }) : client.plans.pause({ plan: id }));
        if (!isPaused) notify({ level: 'info', title: 'Paused: what trains stops with its checkpoint' });
      }),
  };
}
