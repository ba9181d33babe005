/** Everything a language run is made of: tokenizer, template, sizes and the parameters it starts from. */
import { openInteractions } from '../../data/read.ts';
import { leaveLastOut } from '../../data/splits/leave-last-out.ts';
import type { Split } from '../../data/splits/split.ts';
import type { Interactions } from '../../data/types.ts';
import type { DecoderConfig } from '../../decoders/decoder.ts';
import { mergeAdapters } from '../../decoders/merge-adapters.ts';
import { requireSameBase } from '../../decoders/pretrained/adapter-base.ts';
import { checkpointConfig, openCheckpoint, readCheckpoint } from '../../decoders/pretrained/checkpoint.ts';
import { readPeftAdapter } from '../../decoders/pretrained/peft-adapter.ts';
import {
  type PretrainedTokenizer,
  pretrainedTokenizer,
} from '../../decoders/pretrained/pretrained-tokenizer.ts';
import { requireWords } from '../../decoders/pretrained/usable.ts';
import { chatFrame } from '../../decoders/text/chat.ts';
import { type Records, readRecords } from '../../decoders/text/records.ts';
import { noTokens, readTokenizerFile, TextTokenizer, trainTokenizer } from '../../decoders/text/tokenizer.ts';
import { UserError } from '../../errors.ts';
import { readSafetensors } from '../../files/safetensors.ts';
import { initialise, type ParameterSpecs } from '../../layers/index.ts';
import type { TrainSpec } from '../../training/events.ts';
import { decoderConfig, type LanguageConfig } from './language-config.ts';
import { type LanguageRun, type ReadLanguageRun, readLanguageRun } from './run-files.ts';
import { Examples } from './text/examples.ts';
import { Verbaliser } from './text/prompt.ts';
import { promptText } from './text/prompt-parts.ts';
import { checkTemplate, parseTemplate, readyTemplate, type Template, templates } from './text/template.ts';

export interface PreparedLanguage {
  run: LanguageRun;
  tokenizerFile: unknown;
  verbaliser: Verbaliser;
  split: Split;
  examples: Examples;
  /** What a decoder with these parameters starts from; read when they are needed. */
  parameters(specs: ParameterSpecs): Record<string, Float32Array>;
}

/** What is needed of a run's spec; its own folder, where it goes on from a checkpoint in there. */
type Start = Pick<TrainSpec, 'datasetDir' | 'seed' | 'sources'> &
  Partial<Pick<TrainSpec, 'resumeFrom' | 'runDir'>>;

/** Users whose histories a tokenizer is trained on. */
const TOKENIZER_USERS = 500;
/**
 * Reads the data set and what the config names: another run, a checkpoint's folder, a tokenizer, a template. `known` is what
 * was prepared of the same data set before, whose data and tokenizer are taken.
 * @throws UserError where one of them does not fit the others
 */
export async function prepareLanguage(
  config: LanguageConfig,
  spec: Start,
  known?: Pick<PreparedLanguage, 'verbaliser' | 'tokenizerFile'>,
): Promise<PreparedLanguage> {
  const { data, records } = known?.verbaliser ?? (await readTexts(spec.datasetDir));
  const split = leaveLastOut(data);
  if (split.evaluatedUsers === 0)
    throw new UserError('no user has 3 interactions; nothing could be held out');
  const before = begunFrom(spec);
  const template = before && config.template === '' ? before.template : templateOf(config.template, records);
  checkTemplate(template, records.fields);
  const options = { shots: config.shots, context: config.context, likeFrom: config.likeFrom };
  const written = () => trainingTexts(new Verbaliser(template, noTokens, data, records, options), split);
  const { tokenizerFile, special, ...own } = before ?? tokenizerOf(config, written, known?.tokenizerFile);
  const tokenizer = new TextTokenizer(tokenizerFile, 'the tokenizer', special);
  const decoder = sizesOf(config, before?.decoder ?? null, tokenizer.size);
  const chat = config.chat === 'never' ? null : (own.chat ?? null);
  const frame = chat && chatFrame(chat, config.weights || config.startFrom);
  const verbaliser = new Verbaliser(template, tokenizer, data, records, { ...options, chat: frame });
  verbaliser.answerTokens();
  const { stage, supervise, unseenTask } = config;
  const examples = new Examples(verbaliser, split, { stage, supervise, unseenTask, seed: spec.seed });
  const trainedTasks = [...new Set([...(before?.trainedTasks ?? []), ...examples.tasks])];
  return {
    run: {
      ...{ stage, decoder, template, shots: config.shots, likeFrom: config.likeFrom, trainedTasks },
      ...{ special, chat },
    },
    tokenizerFile,
    verbaliser,
    split,
    examples,
    parameters: (specs) => startingParameters(config, spec, specs),
  };
}

/** The run that this one began from, or this one itself where it goes on: what it began with is neither read nor made again. */
function begunFrom({ sources, resumeFrom, runDir }: Start): ReadLanguageRun | null {
  if (resumeFrom && runDir !== undefined) return readLanguageRun(runDir);
  return sources?.startFrom ? readLanguageRun(sources.startFrom.dir) : null;
}

async function readTexts(datasetDir: string): Promise<{ data: Interactions; records: Records }> {
  return { data: await openInteractions(datasetDir), records: await readRecords(datasetDir) };
}

/** A template by name or as JSON. */
export function templateOf(given: string, records: Records): Template {
  if (given === '') return readyTemplate(records.fields);
  if (Object.hasOwn(templates, given)) return templates[given];
  if (!given.trimStart().startsWith('{')) {
    const known = Object.keys(templates).join(', ');
    throw new UserError(`no template is called "${given}"; ready ones are ${known}; or give one as JSON`);
  }
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch {
    throw new UserError('the template is not valid JSON');
  }
  return parseTemplate(value, 'template');
}

/** That of the pretrained model, one that is named, or one that is trained here; `known` was trained before on the same texts. */
function tokenizerOf(
  { weights, tokenizer, vocabulary }: LanguageConfig,
  texts: () => Iterable<string>,
  known: unknown,
): { tokenizerFile: unknown } & Partial<Omit<PretrainedTokenizer, 'file'>> {
  if (tokenizer !== '') return { tokenizerFile: readTokenizerFile(tokenizer) };
  if (weights === '') return { tokenizerFile: known ?? trainTokenizer(texts(), vocabulary) };
  const { file, ...own } = pretrainedTokenizer(weights);
  return { tokenizerFile: file, ...own };
}

/** Item cards, histories and questions of the training part, in the words of the template. */
function* trainingTexts(verbaliser: Verbaliser, split: Split): Generator<string> {
  const { data, records, template } = verbaliser;
  for (let item = 0; item < records.items.length; item++) yield promptText(verbaliser.card(item));
  const stride = Math.max(1, Math.floor(data.users / TOKENIZER_USERS));
  for (let user = 0; user < data.users; user += stride) {
    const end = split.trainEnd(user);
    if (end - split.start(user) < 2) continue;
    const item = data.itemIds[end - 1];
    for (const [task, wordings] of Object.entries(template.questions)) {
      const question = {
        task: task as keyof Template['questions'],
        wording: wordings[user % wordings.length],
        item,
      };
      yield promptText(verbaliser.prompt(user, end - 1, question, verbaliser.answerWord(true), { shots: 1 }));
    }
    yield promptText(verbaliser.history(user, end));
  }
}

function sizesOf(config: LanguageConfig, before: DecoderConfig | null, vocabulary: number): DecoderConfig {
  if (before) return { ...before, context: config.context };
  if (config.weights === '') return decoderConfig(config, vocabulary);
  const sizes = checkpointConfig(config.weights, config.context);
  requireWords(config.weights, { tokens: vocabulary, vocabulary: sizes.vocabulary });
  return sizes;
}

function startingParameters(
  config: LanguageConfig,
  spec: Start,
  specs: ParameterSpecs,
): Record<string, Float32Array> {
  const source = spec.sources?.startFrom;
  if (source) {
    if (source.checkpoint === null) throw new UserError(`run ${source.name} has no checkpoint to start from`);
    return valuesOf(source.checkpoint, specs);
  }
  if (config.weights !== '') return pretrainedParameters(config);
  return initialise(specs, spec.seed);
}

/** Those of the checkpoint, with the changes of the adapter in them. */
function pretrainedParameters({ weights, adapter, context }: LanguageConfig): Record<string, Float32Array> {
  const checkpoint = openCheckpoint(weights, context);
  const whole = readCheckpoint(checkpoint);
  if (adapter === '') return whole;
  requireSameBase(adapter, weights, whole);
  const { adapters, values } = readPeftAdapter(adapter, checkpoint.config);
  return mergeAdapters(checkpoint.config, adapters, { ...whole, ...values });
}

/** A decoder's parameters out of a checkpoint. Throws UserError where they are not all there. */
export function valuesOf(path: string, specs: ParameterSpecs): Record<string, Float32Array> {
  const tensors = readSafetensors(path);
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => {
      const tensor = tensors[name];
      if (!tensor || String(tensor.spec.shape) !== String(shape)) {
        throw new UserError(`${path}: no tensor "${name}" of shape ${shape.join(' x ')}; is it of this run?`);
      }
      return [name, tensor.data as Float32Array];
    }),
  );
}
