/** Language models: what a prompt looks like, how well a run answers, what it writes. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { LRUCache } from 'lru-cache';
import type {
  EvaluationRequest,
  LanguageEvaluation,
  PreviewRequest,
  PromptPreview,
} from '../../../core/api/language.ts';
import { readUserIds } from '../../../core/data/read.ts';
import { onDevice } from '../../../core/engine/index.ts';
import type { DeviceId } from '../../../core/engine/types.ts';
import { UserError } from '../../../core/errors.ts';
import { readPredictions } from '../../../core/evaluation/predictions-file.ts';
import { CachedDecoder } from '../../../core/families/language/cached.ts';
import { evaluateLanguage } from '../../../core/families/language/evaluate-language.ts';
import type { Baseline } from '../../../core/families/language/evaluation-options.ts';
import { languageSchema } from '../../../core/families/language/language-config.ts';
import { type OpenedLanguageRun, openLanguageRun } from '../../../core/families/language/open-language.ts';
import { type PreparedLanguage, prepareLanguage } from '../../../core/families/language/prepare-language.ts';
import { seenWordings } from '../../../core/families/language/text/examples.ts';
import { sequenceOf } from '../../../core/families/language/text/packing.ts';
import type { Verbaliser } from '../../../core/families/language/text/prompt.ts';
import { type Prompt, promptText } from '../../../core/families/language/text/prompt-parts.ts';
import { type Task, templates } from '../../../core/families/language/text/template.ts';
import { findModel } from '../../../core/families/registry.ts';
import { scoreUsers } from '../../../core/families/score-users.ts';
import { writeDurably } from '../../../core/files/durable.ts';
import { Random } from '../../../core/math/random.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { cannotAnswer, evaluationPath } from './language-pipeline.ts';
import { datasetFolderOf, requireUser, testedCheckpoint } from './tested-model.ts';

const CACHE_SIZE = 2;
/**
 * Prepared data sets by id, newest last: a preview is made for every change to a template, and counts tokens with the
 * tokenizer of the first one.
 */
const prepared = new LRUCache<string, PreparedLanguage>({ max: CACHE_SIZE });

/** The last interaction of a user, and everything that a prompt about it is written with. */
export interface LastInteraction {
  now: PreparedLanguage;
  /** As in the imported files, by dense id. */
  users: readonly string[];
  user: number;
  /** Place among the data set's interactions; -1 where nothing of the user's is held out. */
  place: number;
}

/** Throws UserError if template and data set do not fit, or there is no such user. */
export async function lastInteraction(
  store: Store,
  request: Omit<PreviewRequest, 'task'>,
): Promise<LastInteraction> {
  const { id, name } = store.datasets.find(request.dataset);
  const datasetDir = store.datasets.folder(id);
  const { template, shots, context, weights } = request;
  const config = languageSchema.parse({ template, shots, context, weights });
  const now = await prepareLanguage(config, { datasetDir, seed: 1 }, prepared.peek(id));
  // A pretrained model's tokens are its own: those of the next preview are trained here.
  if (weights === '') prepared.set(id, now);
  const { split } = now;
  const users = await readUserIds(datasetDir);
  const user =
    request.user === '' ? split.usersWithTargets()[0] : await requireUser(datasetDir, { name }, request.user);
  return { now, users, user, place: split.hasTargets(user) ? split.testIndex(user) : -1 };
}

/** The prompt about the last interaction of a user. Throws UserError if template and data set do not fit. */
export async function previewPrompt(store: Store, request: PreviewRequest): Promise<PromptPreview> {
  const { now, users, user, place } = await lastInteraction(store, request);
  const { verbaliser, run } = now;
  const { context, weights } = request;
  const prompt = aboutLast(verbaliser, user, place, request.task);
  return {
    user: users[user],
    template: verbaliser.template,
    ready: Object.keys(templates),
    fields: [...verbaliser.records.fields],
    parts: prompt.parts.map(({ kind, pieces, tokens }) => ({
      kind,
      tokens,
      pieces: pieces.map(({ text, field, ids, cut }) => ({ text, field, tokens: ids.length, cut })),
    })),
    tokens: prompt.tokens,
    context,
    shown: prompt.shown,
    dropped: prompt.dropped,
    tokenizer:
      weights === ''
        ? `a vocabulary of ${run.decoder.vocabulary} tokens trained on ${store.datasets.find(request.dataset).name}`
        : "the model's own tokenizer",
  };
}

/** Throws UserError where nothing of a user's is held out. */
export function requireLast(place: number): void {
  if (place < 0) throw new UserError('this user has fewer than 3 interactions; choose another one');
}

function aboutLast(verbaliser: Verbaliser, user: number, place: number, task: Task): Prompt {
  requireLast(place);
  const { data } = verbaliser;
  const item = data.itemIds[place];
  const others = [1, 2, 3].map((step) => (item + step * 37) % data.items);
  const question = {
    task,
    item,
    wording: seenWordings(verbaliser, task)[0],
    choices: task === 'pick' ? [others[0], item, others[1], others[2]] : [],
  };
  return verbaliser.prompt(user, place, question, verbaliser.answerTo(question, place) ?? 'unknown');
}

/** Evaluates a language run and stores the result in its folder. */
export async function evaluateLanguageRun(
  store: Store,
  request: EvaluationRequest & { device: DeviceId; threads: number },
  options: { signal?: AbortSignal; onProgress?(what: string, done: number, total: number): void } = {},
): Promise<LanguageEvaluation> {
  const { record, opened } = await open(store, request.run);
  const { users, fewerUsers, candidates } = request;
  const against = request.against.map((reference) => findBaseline(store, opened, record, reference));
  const retriever =
    request.retriever === null ? null : findBaseline(store, opened, record, request.retriever);
  if (retriever?.kind === 'predictions') {
    throw new UserError(`run ${retriever.name} predicts clicks of rows and retrieves no items`);
  }
  const evaluation = await onDevice(request.device, { threads: request.threads }, (device) =>
    evaluateLanguage({
      ...{ ...opened, trainedTasks: opened.run.trainedTasks, device, scoreUsers },
      ...{ users, fewerUsers, candidates, retriever, baselines: against },
      ...options,
    }),
  );
  const path = evaluationPath(store, record.id, evaluation.measuredAt);
  mkdirSync(dirname(path), { recursive: true });
  writeDurably(path, [Buffer.from(`${JSON.stringify(evaluation)}\n`)]);
  return evaluation;
}

export interface CompletionRequest {
  run: string;
  /** Id as in the imported files. */
  user: string;
  /** Most new tokens. */
  tokens: number;
  temperature: number;
  seed: number;
  device: DeviceId;
  threads: number;
}

/** How a run continues a user's history: the given text and the generated text. */
export async function completeHistory(
  store: Store,
  request: CompletionRequest,
): Promise<{ given: string; made: string; shown: number; dropped: number }> {
  const { record, datasetDir, opened } = await open(store, request.run);
  const { verbaliser, decoder, parameters, run } = opened;
  const user = await requireUser(datasetDir, record.dataset, request.user);
  const { tokens, temperature, seed } = request;
  const end = verbaliser.data.offsets[user + 1];
  const prompt = verbaliser.history(user, end, tokens);
  const { ids } = sequenceOf(prompt, run.tokenizer, 'last-answer');
  const random = new Random(seed, 0, 'completion');
  const generated = await onDevice(request.device, { threads: request.threads }, async (device) => {
    await device.load(parameters);
    await using cached = new CachedDecoder(decoder, device);
    await cached.begin(ids);
    return await cached.generate({ tokens, temperature, random }, run.tokenizer.end);
  });
  const { shown, dropped } = prompt;
  return { given: promptText(prompt), made: run.tokenizer.decode(generated), shown, dropped };
}

async function open(
  store: Store,
  reference: string,
): Promise<{ record: OwnRun; datasetDir: string; opened: OpenedLanguageRun }> {
  const record = store.runs.findOwn(reference);
  if (findModel(record.model).task !== 'language') {
    throw new UserError(`run ${record.name} (${record.id}) is of ${record.model}; name a run of brew`);
  }
  const datasetDir = datasetFolderOf(store, record);
  const checkpoint = testedCheckpoint(store, record);
  const opened = await openLanguageRun({
    model: record.model,
    datasetDir,
    runDir: store.runs.folder(record.id),
    checkpoint,
  });
  return { record, datasetDir, opened };
}

/** A run to compare with. Throws UserError if it cannot answer the same questions. */
function findBaseline(
  store: Store,
  { verbaliser }: OpenedLanguageRun,
  language: OwnRun,
  reference: string,
): Baseline {
  const run = store.runs.findOwn(reference);
  const problem = cannotAnswer(run, language, verbaliser.options.likeFrom);
  if (problem !== null) throw new UserError(`run ${run.name} (${run.id}) ${problem}`);
  const { name, model, config, protocol } = run;
  if (protocol?.task !== 'ranking') {
    return { kind: 'scores', name, model, config, checkpoint: testedCheckpoint(store, run) };
  }
  const predictions = readPredictions(store.runs.folder(run.id), 'test', protocol.tasks);
  if (predictions === null) {
    throw new UserError(`run ${name} (${run.id}) has lost its predictions; train it again`);
  }
  return { kind: 'predictions', name, predictions };
}
