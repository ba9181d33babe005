import { Gauge } from 'lucide-react';
import { useState } from 'react';
import type { ErrorDetails } from '../../core/api/contract.ts';
import {
  amount,
  BASE_LARGE_MODELS,
  BASE_LARGE_SETTINGS,
  DEPTH_WIDTH_SIZES,
  percentText,
  publishedSizes,
  type ScalingRequest,
  type SizeEstimate,
  type StudyEstimate,
  type StudyPlan,
  type StudyProbeProgress,
} from '../../core/api/studies.ts';
import { Button } from '../components/Button.tsx';
import { type Column, column } from '../components/columns.ts';
import { SelectField } from '../components/controls.tsx';
import { Field } from '../components/Field.tsx';
import { SchemaForm } from '../components/SchemaForm.tsx';
import { schemaFields } from '../components/schema.ts';
import { Table } from '../components/Table.tsx';
import { bytesText, countText, durationText } from '../format/format.ts';
import { client, windowText } from '../state/api.ts';
import { resultOf } from '../state/steps.ts';
import { useProbe } from '../state/work.ts';
import { PointsTable } from '../studies/PointsTable.tsx';
import { type AskedStudy, type Problems, questionOf, shareOf, sizeKeys, sizeText } from './asked.ts';
import type { Change, RunDraft } from './draft.ts';
import type { ModelState } from './model-states.ts';
import { Section } from './Section.tsx';
import type { ScalingDraft, Several } from './searches.ts';
import { ChipsControl, VaryButton } from './VaryField.tsx';

interface ScalingSectionProps {
  draft: RunDraft;
  states: readonly ModelState[];
  problems: Problems['scaling'];
  /** What the study would be, and why the program cannot start it. */
  study: AskedStudy | undefined;
  plan: StudyPlan | undefined;
  problem: ErrorDetails | null;
  onChange: Change;
}

type Part = 'sizes' | 'shares' | 'blocks';

/** Size and share of the users, which make it a study of scaling where they are varied. */
export function ScalingSection(props: ScalingSectionProps) {
  const { draft, states, problems, problem, onChange } = props;
  const { scaling } = draft;
  const question = questionOf(draft);
  const isStudy = question === 'law' || question === 'base-large';
  const [opened, setOpened] = useState(isStudy);
  if (!isStudy && !states.some(({ info }) => sizeKeys(info))) return null;
  const put = (changes: Partial<ScalingDraft>) =>
    onChange(({ scaling: before }) => ({ scaling: { ...before, ...changes } }));
  const shares = states.map((state) => percentText(shareOf(state)));
  const fixed = { sizes: states.map(sizeText).join(', '), shares: shares.join(', '), blocks: '' };
  const fix = (one: Several) => ({ ...one, on: false });
  const vary = (part: Part, on: boolean) =>
    put({
      // Size and share make one study, base and Large another.
      ...(part === 'blocks'
        ? { sizes: fix(scaling.sizes), shares: fix(scaling.shares) }
        : { blocks: fix(scaling.blocks) }),
      [part]: { ...scaling[part], on },
    });
  // What the program says of the whole stands under what makes it a study.
  const asked = (['blocks', 'sizes', 'shares'] as const).find((part) => scaling[part].on);
  const field = (part: Part, label: string, help: string) => (
    <SeveralField
      label={label}
      help={help}
      several={scaling[part]}
      fixed={fixed[part]}
      problem={problems[part] ?? (part === asked && problem ? windowText(problem) : undefined)}
      onSeveral={(several) => put({ [part]: several })}
      onVary={(on) => vary(part, on)}
    />
  );
  const arePublished = states.every(({ info }) => BASE_LARGE_MODELS.some((id) => id === info.id));
  return (
    <Section
      title="Scaling"
      summary={summaryText(scaling)}
      open={opened || problem !== null || Object.keys(problems).length > 0}
      onOpen={setOpened}
    >
      <div className="form grid">
        {field(
          'sizes',
          'Size',
          'Width x blocks, then heads and feed-forward width where they differ; a law needs four, and a fifth to be predicted',
        )}
        {scaling.sizes.on && <ReadySizes model={draft.models[0]?.model} onPut={put} scaling={scaling} />}
        {field('shares', 'Share of the users', 'Per cent; all are tested')}
        {(arePublished || scaling.blocks.on) &&
          field(
            'blocks',
            'Blocks of base and Large',
            'Settings as published; what all runs have differently stands above',
          )}
        {scaling.blocks.on && (
          <SelectField
            label="Published settings for"
            value={scaling.published}
            choices={BASE_LARGE_SETTINGS.map((value) => ({ value, label: value }))}
            onValue={(published) => put({ published })}
          />
        )}
      </div>
      {question === 'law' && <LossField {...props} />}
      <Counted {...props} />
    </Section>
  );
}

function summaryText({ sizes, shares, blocks }: ScalingDraft): string {
  if (blocks.on) return `blocks ${blocks.values.join(' and ')}`;
  return [
    sizes.on ? countText(sizes.values.length, 'size') : 'one size',
    shares.on ? `${shares.values.length} shares of the users` : 'all users',
  ].join(', ');
}

interface SeveralFieldProps {
  label: string;
  help: string;
  several: Several;
  fixed: string;
  problem: string | undefined;
  onSeveral(several: Several): void;
  onVary(on: boolean): void;
}

/** One value, or several as chips. */
function SeveralField({ label, help, several, fixed, problem, onSeveral, onVary }: SeveralFieldProps) {
  const { on } = several;
  return (
    <Field
      label={label}
      help={on ? help : undefined}
      problem={problem}
      changed={on}
      aside={<VaryButton label={label} deed={on ? 'Fix' : 'Vary'} onDeed={() => onVary(!on)} />}
    >
      {(control) =>
        on ? (
          <ChipsControl
            {...control}
            {...several}
            label={label}
            apart
            onChange={(changes) => onSeveral({ ...several, ...changes })}
          />
        ) : (
          <output id={control.id} className="input vary-fixed block muted">
            {fixed || 'As each model has them'}
          </output>
        )
      }
    </Field>
  );
}

interface ReadySizesProps {
  model: string | undefined;
  scaling: ScalingDraft;
  onPut(changes: Partial<ScalingDraft>): void;
}

function ReadySizes({ model = '', scaling: { shares }, onPut }: ReadySizesProps) {
  const sizes = (values: readonly string[]) => ({ sizes: { on: true, values } });
  return (
    <div className="new-run-ready row wrap">
      <Button kind="quiet" onClick={() => onPut(sizes(publishedSizes(model)))}>
        Published ladder, 98K to 829M
      </Button>
      <Button
        kind="quiet"
        onClick={() => onPut({ ...sizes(DEPTH_WIDTH_SIZES), shares: { ...shares, on: false } })}
      >
        Depth against width
      </Button>
    </div>
  );
}

/** A law is of the cross-entropy over all items. */
function LossField({ draft, states: [state], onChange }: ScalingSectionProps) {
  const loss = state && schemaFields(state.info.configSchema).find(({ key }) => key === 'loss');
  const [one] = draft.models;
  if (!loss || !one) return null;
  const value = one.overrides.loss;
  return (
    <SchemaForm
      fields={[loss]}
      values={value === undefined ? {} : { loss: value }}
      texts={{}}
      defaults={{ loss: 'full-softmax' }}
      notes={{
        loss:
          value === undefined || value === 'full-softmax'
            ? 'Over all items, as a law needs it'
            : 'A law needs full-softmax: what other losses measure is no cross-entropy over all items',
      }}
      onChange={({ loss: chosen }) =>
        onChange(({ models }) => ({
          models: models.map(({ overrides: { loss: _, ...others }, ...rest }) => ({
            ...rest,
            overrides: chosen === undefined ? others : { ...others, loss: chosen },
          })),
        }))
      }
    />
  );
}

/** The runs of the study with what they count, and on demand what they take. */
function Counted({ study, plan }: ScalingSectionProps) {
  if (!study || study.request.kind === 'sweep' || !plan || plan.problem !== null || !('points' in plan))
    return null;
  const { request } = study;
  return (
    <>
      <p className="muted">
        {countText(plan.points.length, 'run')}, {amount(plan.flops)}FLOP in total. The largest keeps{' '}
        {bytesText(plan.bytes)} beside the values of a step.
      </p>
      {request.on === undefined && <StudyEstimateLine request={request} />}
      <div className="scrolls" style={{ maxHeight: 260 }}>
        <PointsTable points={plan.points} results={false} />
      </div>
    </>
  );
}

const columns: Column<SizeEstimate>[] = [
  column('size', 'Size', 'text', ({ label }) => label),
  column('seconds', 'Time a run', 'duration', ({ seconds }) => seconds),
  column('memory', 'Memory', 'bytes', ({ memoryBytes }) => memoryBytes),
  column('basis', 'Basis', 'text', ({ basis, note }) => `${basis}, ${note}`),
];

async function measure(
  request: ScalingRequest,
  signal: AbortSignal,
  onProgress: (progress: StudyProbeProgress) => void,
): Promise<StudyEstimate> {
  return resultOf(await client.studies.measure(request, { signal }), onProgress);
}

/** What the study takes, by probes of some seconds a size where the user wants them. */
function StudyEstimateLine({ request }: { request: ScalingRequest }) {
  const probe = useProbe(request, measure);
  const { result: estimate, progress, failure } = probe;
  return (
    <div className="stack">
      <div className="new-run-measured row wrap" role="status" aria-label="Estimate">
        {probe.isPending ? (
          <Button kind="quiet" onClick={probe.stop}>
            Stop measuring
          </Button>
        ) : (
          <Button
            icon={Gauge}
            kind="quiet"
            title="Trains every size for a few seconds; nothing is saved"
            onClick={() => probe.start(request)}
          >
            {estimate ? 'Measure again' : 'Measure time and memory'}
          </Button>
        )}
        {progress && (
          <span className="muted">
            {progress.label}, {progress.done + 1} of {progress.total}
          </span>
        )}
        {failure && <span className="field-problem">{failure}</span>}
        {estimate && !probe.isPending && <span>{wholeText(estimate)}</span>}
      </div>
      {estimate && <Table label="Estimate by size" columns={columns} rows={estimate.sizes} />}
    </div>
  );
}

function wholeText({ seconds, memoryBytes }: StudyEstimate): string {
  const time = seconds === null ? 'Time unknown' : `About ${durationText(seconds)} in sequence`;
  return `${time}, up to ${bytesText(memoryBytes)} of memory, assuming every epoch runs`;
}
