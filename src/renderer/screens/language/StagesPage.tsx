import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import type { LadderQuestion, LanguageLadder } from '../../../core/api/language.ts';
import { isSimpleBaseline } from '../../../core/api/models.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { modelColour } from '../../charts/colours.ts';
import { Figure } from '../../charts/Figure.tsx';
import { ActionButton, Button } from '../../components/Button.tsx';
import { type Column, column } from '../../components/columns.ts';
import { Menu } from '../../components/Menu.tsx';
import { Answer, EmptyState, Screen } from '../../components/Screen.tsx';
import { ScreenFoot, Statement } from '../../components/Statement.tsx';
import { Table } from '../../components/Table.tsx';
import { countText, durationText } from '../../format/format.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { comparisonQuery } from '../../runs/comparison-query.ts';
import { api } from '../../state/api.ts';
import { goTo, routeLink } from '../../state/navigation.ts';
import { useTheme } from '../../state/theme.ts';
import { StageSteps } from './StageSteps.tsx';
import { ASKED, limitsOf, rowsOf, type StageRow, stageName, stagesFigure, statementOf } from './stages.ts';

/** From what a language model began with to one of its runs: every stage in one comparison, beside other models. */
export function StagesPage({ run }: { run: string }) {
  const query = useQuery(api.language.ladder.queryOptions({ input: { run } }));
  const ladder = query.data;
  const last = ladder?.runs.find(({ id }) => id === run);
  const compared = ladder?.runs.filter(({ status }) => status === 'completed').map(({ id }) => id) ?? [];
  const comparing: Action = {
    ...{ id: 'language.compare-stages', label: 'Compare all stages', group: 'View', shortcut: 'c' },
    enabled: () => compared.length > 1,
    perform: () => goTo('compare', [], comparisonQuery({ runs: compared, baseline: run })),
  };
  useRegisteredActions([comparing]);
  return (
    <Screen
      title={last ? `Stages to ${last.name}` : 'Stages'}
      up={{ href: routeLink('language', ['pipeline']), label: 'Language' }}
      actions={
        <>
          {ladder && <AddStage ladder={ladder} />}
          <ActionButton action={comparing}>Compare all</ActionButton>
        </>
      }
    >
      <Answer query={query}>{(found) => <Stages ladder={found} run={run} />}</Answer>
    </Screen>
  );
}

/** Opens the form of a new run as the next stage. */
function AddStage({ ladder: { next, dataset } }: { ladder: LanguageLadder }) {
  const trigger = (
    <Button icon={Plus} disabled={next.length === 0} title={next.length === 0 ? NOTHING_NEXT : undefined}>
      Add a stage
    </Button>
  );
  const choices = next.map(({ title, model, overrides }) => ({
    label: title,
    perform: () => openNewRun({ dataset, model, overrides }),
  }));
  return <Menu trigger={trigger} choices={choices} />;
}

const NOTHING_NEXT = 'Nothing follows a rewarded run, or the last stage is not completed';

function Stages({ ladder, run }: { ladder: LanguageLadder; run: string }) {
  if (ladder.questions.length === 0)
    return (
      <EmptyState
        title="Nothing to compare yet"
        text="Once two stages have answered the same question, or another model has, they stand beside each other here: the pretrained model as it is, a fine-tuned one, DLRM or SASRec."
      />
    );
  return (
    <div className="column tall">
      <div className="stack packed page-inset fill scrolls gap-6">
        {ladder.questions.map((question) => (
          <Question key={question.question} ladder={ladder} question={question} run={run} />
        ))}
      </div>
      <ScreenFoot>
        <span>Whiskers: 95 %, of an AUC after DeLong, else of a bootstrap over users.</span>
        <span>A stage is joined to the one that it began from. p-values are adjusted after Holm.</span>
      </ScreenFoot>
    </div>
  );
}

function Question({
  ladder,
  question,
  run,
}: {
  ladder: LanguageLadder;
  question: LadderQuestion;
  run: string;
}) {
  const theme = useTheme((state) => state.theme);
  const rows = rowsOf(ladder, question);
  const target = ladder.runs.find(({ id }) => id === question.target);
  return (
    <section className="stack" aria-label={ASKED[question.question]}>
      <Statement {...statementOf(ladder, question)} large={question === ladder.questions[0]}>
        {limitsOf(ladder, question)}
      </Statement>
      <Figure spec={stagesFigure(ladder, question, (model) => modelColour(model, theme))} />
      <Table
        title={`${question.label} by stage`}
        columns={columnsOf(question, target?.id === run ? 'the last stage' : (target?.title ?? 'the target'))}
        rows={rows}
        rowKey={({ run: { id } }) => id}
      />
      <StageSteps question={question} rows={rows} />
      {question.absent.length > 0 && (
        <p className="muted">
          Not among them:{' '}
          {question.absent
            .map(({ run: id, reason }) => {
              const stage = ladder.runs.find((one) => one.id === id);
              return `${stage ? stageName(stage).replace(/\s+/g, ' ') : id} (${reason})`;
            })
            .join('; ')}
          .
        </p>
      )}
    </section>
  );
}

function columnsOf({ label, decimals }: LadderQuestion, target: string): Column<StageRow>[] {
  return [
    column('stage', 'Stage', 'text', ({ run }) => stageName(run), {
      grows: true,
      render: ({ run: stage }) => (
        <a href={routeLink('run', [stage.id])} title={stage.name}>
          {stage.place !== null && <span className="muted">{stage.place} </span>}
          {stage.title}
        </a>
      ),
    }),
    column('effort', 'Training', 'text', ({ run }) => effortOf(run), { width: 140 }),
    column('value', label, 'estimate', ({ value, interval }) => ({ estimate: value, interval }), {
      decimals,
    }),
    column('from', 'Began from', 'text', ({ before }) => before?.title, { width: 150 }),
    column('target', `To ${target}`, 'signed', ({ toTarget }) => toTarget?.difference, {
      ...{ width: 108, decimals },
    }),
    column('target interval', '95 % interval', 'interval', ({ toTarget }) => toTarget?.interval, decimals),
    column('target p', 'p', 'p', ({ toTarget }) => toTarget?.holm),
  ];
}

function effortOf({ model, epochs, seconds }: StageRow['run']): string {
  if (isSimpleBaseline(model)) return 'fitted in one go';
  if (!epochs) return 'not trained';
  const trained = countText(epochs, 'epoch');
  return seconds === null ? trained : `${trained}, ${durationText(seconds)}`;
}
