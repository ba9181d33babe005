import { useQuery } from '@tanstack/react-query';
import { MessageSquareText } from 'lucide-react';
import { useState } from 'react';
import type { ModelCard, PlacedCard } from '../../../core/api/language.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { ActionButton, Button } from '../../components/Button.tsx';
import { confirmed } from '../../components/Confirm.tsx';
import { column } from '../../components/columns.ts';
import { Chip, type Fact, FactList, Tiles } from '../../components/lists.tsx';
import { Missing, Screen } from '../../components/Screen.tsx';
import { ScreenFoot, Statement } from '../../components/Statement.tsx';
import { Table } from '../../components/Table.tsx';
import { fileText } from '../../format/files.ts';
import { bytesText, countText, grouped } from '../../format/format.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { api, client } from '../../state/api.ts';
import { discardUploads } from '../../state/drops.ts';
import { goTo, routeLink } from '../../state/navigation.ts';
import { attempt } from '../../state/toasts.ts';
import { ModelQuestion } from './ModelQuestion.tsx';
import { type ModelUse, statementOf, usesOf } from './model-uses.ts';
import { RunsOfModel } from './RunsOfModel.tsx';
import { type ModelQuestion as Question, useModelQuestion } from './use-model-question.ts';

/** What a pretrained model is and takes, before anything is loaded or kept. */
export function ModelPage({ path }: { path: string }) {
  const query = useQuery(api.language.card.queryOptions({ input: { path } }));
  const card = query.data;
  const name = path.split(/[\\/]/).at(-1) ?? '';
  // Also of one whose card cannot be read any more.
  const { data: kept = [] } = useQuery(api.language.models.queryOptions());
  const isKept = kept.some((one) => one.path === path);
  const [first] = card ? usesOf(card) : [];
  const question = useModelQuestion(path, card !== undefined && 'tokens' in card.tokenizer);
  // What is dropped is moved once.
  const [isSaving, setSaving] = useState(false);
  const begin = async (use: ModelUse) => {
    setSaving(true);
    await beginFrom(path, use).finally(() => setSaving(false));
  };
  const starting: Action = {
    ...{ id: 'language.use', label: 'New run of this language model', group: 'File' },
    enabled: () => first !== undefined && first.problem === null && !isSaving,
    perform: () => first && void begin(first),
  };
  const removing: Action = {
    ...{ id: 'language.remove', label: 'Remove the model', group: 'Edit' },
    enabled: () => card?.place !== 'own',
    perform: () => void (isKept ? remove(name) : discard(path)),
  };
  const asking = askAction(question, card);
  useRegisteredActions([starting, removing, asking]);
  return (
    <Screen
      title={card?.name ?? name}
      up={{ href: routeLink('language', ['models']), label: 'Language' }}
      aside={card && <Chip>{card.path.toLowerCase().endsWith('.gguf') ? 'GGUF' : 'safetensors'}</Chip>}
      actions={
        <>
          {card?.place !== 'own' && <ActionButton action={removing}>Remove</ActionButton>}
          <ActionButton action={asking} />
          <ActionButton kind="primary" action={starting}>
            New language run
          </ActionButton>
        </>
      }
    >
      {card ? (
        <Card card={card} question={question} begin={isSaving ? null : begin} />
      ) : (
        <Missing query={query}>Reading the model</Missing>
      )}
    </Screen>
  );
}

/** Asks the model the question that is shown. */
function askAction({ dataset, isCurrent, isAsking, ask }: Question, card: PlacedCard | undefined): Action {
  const why =
    card && card.memory.scoring > card.memoryBytes
      ? 'It does not fit in memory'
      : dataset === null
        ? 'No data set to ask about yet'
        : isAsking
          ? 'It is being asked'
          : undefined;
  return {
    ...{ id: 'language.ask', label: 'Ask this language model', short: 'Ask it', group: 'Run', shortcut: 'a' },
    ...{ icon: MessageSquareText, enabled: () => why === undefined && isCurrent, why, perform: ask },
  };
}

/** Saves what was dropped: a run must find it again. */
async function beginFrom(path: string, { model, overrides }: ModelUse): Promise<void> {
  await attempt('Could not save the model', async () => {
    const kept = await client.language.keepModel({ path });
    if (kept.path !== path) goTo('language', ['model', kept.path]);
    // A rewarded run begins with the run that it rewards.
    const weights = model === 'rewarded' ? {} : { weights: kept.path };
    openNewRun({ model, overrides: { ...overrides, ...weights } });
  });
}

function discard(path: string): void {
  discardUploads([path]);
  goTo('language', ['models']);
}

async function remove(name: string): Promise<void> {
  const body = (
    <p>Its files are deleted. Runs that began from it cannot be resumed. This cannot be undone.</p>
  );
  if (!(await confirmed({ title: `Remove ${name}?`, body, action: 'Remove' }))) return;
  await attempt('Could not remove the model', async () => {
    await client.language.removeModel({ name });
    goTo('language', ['models']);
  });
}

const PLACES = {
  dropped: 'Dropped, and not saved yet: a run that begins from it saves it in the data folder.',
  kept: 'Saved in the data folder. Its numbers become float32 when it loads; its files never change.',
  own: 'It stays where it is, and its files never change.',
};

interface CardProps {
  card: PlacedCard;
  question: Question;
  /** Null while one is begun. */
  begin: ((use: ModelUse) => void) | null;
}

function Card({ card, question, begin }: CardProps) {
  const runs = useQuery(api.language.runsOfModel.queryOptions({ input: { path: card.path } }));
  return (
    <div className="column tall">
      <div className="stack packed page-inset fill scrolls">
        <Statement {...statementOf(card)} large>
          {PLACES[card.place]}
        </Statement>
        <div className="flex top wrap gap-6">
          <div className="stack gap-4 wide-tables" style={{ flex: '2 1 600px' }}>
            <Areas card={card} />
            <section className="stack gap-1">
              <h2>
                What it can be used for <span className="muted">on this machine</span>
              </h2>
              <Table
                label="Uses"
                columns={usesColumns(card, begin)}
                rows={usesOf(card, runs.data)}
                rowKey={({ name }) => name}
              />
            </section>
            <RunsOfModel query={runs} />
          </div>
          <div className="stack gap-4" style={{ flex: '1 1 320px' }}>
            <section className="stack gap-1">
              <h2>Card</h2>
              <FactList className="facts" width={112} facts={factsOf(card)} />
            </section>
            {'tokens' in card.tokenizer && <ModelQuestion question={question} />}
          </div>
        </div>
      </div>
      <ScreenFoot>
        <span>Read are GGUF files and folders with safetensors: Llama, Mistral, Mixtral, Qwen2, Qwen3.</span>
        <span>Memory: weights in float32, and of fine-tuning a step of eight rows of 512 tokens.</span>
      </ScreenFoot>
    </div>
  );
}

const HIGH = 132;
/** Above these, the columns of layers would be too narrow to be told apart. */
const MOST_COLUMNS = 80;
const shade = (percent: number) => `color-mix(in srgb, var(--text-muted) ${percent}%, transparent)`;

/** Its parameters as areas: word vectors, then a column a layer, attention above feed-forward. */
function Areas({ card: { areas, sizes, parameters } }: { card: ModelCard }) {
  const { words, attention, 'feed-forward': forward } = areas;
  const each = (attention + forward) / sizes.blocks;
  const columns = Math.min(sizes.blocks, MOST_COLUMNS);
  const words_ = `Word vectors ${millions(words)}`;
  const layers = `${countText(sizes.blocks, 'layer')} of ${millions(each)}: attention ${millions(attention / sizes.blocks)}, feed-forward ${millions(forward / sizes.blocks)}`;
  const box = (share: number, percent: number) => (
    <span style={{ flex: `${share} 1 0`, background: shade(percent), borderRadius: 'var(--radius-tile)' }} />
  );
  return (
    <figure aria-label={`${words_}; ${layers}`} className="stack gap-1" style={{ margin: 0 }}>
      <div className="flex gap-3" style={{ height: HIGH }} aria-hidden="true">
        {box(words / parameters, 22)}
        <span className="flex" style={{ flex: `${(attention + forward) / parameters} 1 0`, gap: 2 }}>
          {Array.from({ length: columns }, (_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place
            <span key={at} className="column" style={{ flex: '1 1 0', gap: 2 }}>
              {box(attention, 92)}
              {box(forward, 45)}
            </span>
          ))}
        </span>
      </div>
      <figcaption className="small muted">
        {words_}. {layers}. Area is parameters.
      </figcaption>
    </figure>
  );
}

const shareText = (share: number) => (share < 0.001 ? '< 0.1 %' : `${(100 * share).toFixed(1)} %`);
const millions = (count: number) =>
  count < 1e5 ? grouped(Math.round(count)) : `${(count / 1e6).toFixed(1)} M`;

const UNKNOWN_MEMORY = 'depends on the IDs';

/** Of a gigabyte, or of more where a row has no room for so many. */
const MOST_TILES = 16;

function usesColumns(card: PlacedCard, begin: CardProps['begin']) {
  const tile = Math.max(1e9, card.memoryBytes / MOST_TILES);
  const all = Math.round(card.memoryBytes / tile);
  return [
    column<ModelUse>('use', 'Use', 'text', ({ name }) => name, { width: 130 }),
    column<ModelUse>('trains', 'What trains', 'text', ({ trains }) => trains, { grows: true }),
    column<ModelUse>(
      'memory',
      `Memory of ${bytesText(card.memoryBytes)}`,
      'text',
      ({ bytes }) => (bytes === null ? UNKNOWN_MEMORY : bytesText(bytes)),
      {
        render: ({ bytes, problem }) =>
          bytes === null ? (
            <span className="muted">{UNKNOWN_MEMORY}</span>
          ) : (
            <span className="row" style={{ minWidth: 9 * all + 56 }}>
              <Tiles
                className="gap-tile fill"
                filled={Math.min(all, Math.ceil(bytes / tile))}
                of={all}
                colour={problem ? 'var(--text-faint)' : 'var(--text)'}
              />
              {bytesText(bytes)}
            </span>
          ),
      },
    ),
    column<ModelUse>('begin', '', 'none', () => null, {
      width: 150,
      head: <span className="visually-hidden">Begin</span>,
      render: (one) => (
        <span className="row end">
          {one.problem ? (
            <span className="small muted">{one.problem}</span>
          ) : (
            <Button disabled={begin === null} onClick={() => begin?.(one)}>
              {one.action}
            </Button>
          )}
        </span>
      ),
    }),
  ];
}

function factsOf(card: ModelCard): Fact[] {
  const { sizes, tokenizer, types, parameters } = card;
  const quantised = types.map(({ name, parameters: of }) => `${name} ${shareText(of / parameters)}`);
  const experts = sizes.experts
    ? [['Experts', `${sizes.experts.count}, of which ${sizes.experts.used} a token`] as const]
    : [];
  return [
    ['Name', card.stated ?? 'not recorded in its files'],
    ['Layout', card.architecture],
    ['Parameters', grouped(parameters)],
    ['Width, layers', `${grouped(sizes.dim)}, ${sizes.blocks}`],
    ['Heads', `${sizes.heads}, ${sizes.kvHeads} of keys and values, ${sizes.headDim} wide`],
    ['Feed-forward', grouped(sizes.ffnDim)],
    ...experts,
    [
      'Vocabulary',
      'problem' in tokenizer
        ? `${grouped(sizes.vocabulary)}; ${tokenizer.problem}`
        : grouped(tokenizer.tokens),
    ],
    [
      'Chat template',
      'problem' in tokenizer ? 'unknown' : tokenizer.chat ? 'there' : 'none: asked in plain text',
    ],
    ['Context', `${grouped(sizes.context)} tokens`],
    ['Numbers', quantised.join(', ')],
    ['Has read', 'not known: the data set may be in it'],
    ['File', fileText(card.path)],
  ];
}
