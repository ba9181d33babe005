import { readFile } from 'node:fs/promises';
import { Option } from 'commander';
import type { EvaluationRequest, PreviewRequest, PromptPreview } from '../../../core/api/language.ts';
import { countText } from '../../../core/names.ts';
import type { CompletionRequest } from '../../services/analysis/language.ts';
import type { CliCommand } from '../command.ts';
import { type CommandContext, withStore } from '../context.ts';
import { type ComputeOptions, computeOn, threadsOption } from '../device-option.ts';
import { commaList, decimalNumber, wholeNumber } from '../options.ts';
import { LiveLine } from '../terminal/live-line.ts';
import { cardText, evaluationText } from '../text/language-text.ts';

type PreviewOptions = Omit<PreviewRequest, 'user' | 'template' | 'weights'> & {
  user?: string;
  template?: string;
};
type EvaluateOptions = Pick<EvaluationRequest, 'users' | 'fewerUsers' | 'candidates'> &
  ComputeOptions & { retriever?: string; against?: string[]; queue?: true };
type CardOptions = { context: number; adapter?: string };
type CompleteOptions = Omit<CompletionRequest, 'run' | keyof ComputeOptions> & ComputeOptions;

/** `language preview | evaluate | complete | adapter`: prompts and answers of language models. */
export function addCommand(parent: CliCommand): void {
  const language = parent
    .command('language')
    .summary('show prompts of language models, evaluate them and let them write')
    .description("Language models that read a user's history as text. A RUN is an id or a name.")
    .helpCommand(false);
  addPreview(language);
  addEvaluate(language);
  addComplete(language);
  addAdapter(language);
  addCard(language);
}

function addCard(language: CliCommand): void {
  language
    .command('card <path>')
    .summary('show what a pretrained model is and takes')
    .description(
      "Reads a GGUF file, or a folder of Hugging Face's layout: architecture, sizes, types of numbers, tokenizer, and the memory that answers and adapters take. Nothing is trained.",
    )
    .option('--context <number>', 'tokens of a row', wholeNumber(64), 512)
    .option('--adapter <folder>', 'a LoRA adapter of PEFT: whether it belongs to this model')
    .examples(
      'tessera language card SmolLM2-135M.gguf',
      'tessera language card SmolLM2-135M.gguf --adapter adapter/',
      'tessera language card ./Qwen3-0.6B --context 1024 --json',
    )
    .answer(async (_context, path: string, { context, adapter }: CardOptions) => {
      const { readModelCard } = await import('../../../core/families/language/model-card.ts');
      const { adapterBase } = await import('../../../core/decoders/pretrained/adapter-base.ts');
      const card = readModelCard(path, context);
      const base = adapter === undefined ? null : adapterBase(adapter, path);
      return [{ ...card, ...(base && { adapter: base }) }, cardText(card, base)];
    });
}

function addAdapter(language: CliCommand): void {
  language
    .command('adapter <run>')
    .summary('write the LoRA adapter of a run in the layout of PEFT')
    .description(
      'Writes adapter_config.json and adapter_model.safetensors into a folder, which PEFT loads onto the model that the run began with.',
    )
    .out('folder', 'where the adapter goes', { required: true })
    .examples('tessera language adapter brew-ml-1m-seed1 --out adapter/')
    .ask(async (store, run: string, { out }: { out: string }) => {
      const { exportAdapter } = await import('../../services/analysis/language-adapter.ts');
      const { rank, targets } = exportAdapter(store, run, out);
      return [{ out, rank, targets }, `${out}: an adapter of rank ${rank} on ${targets.join(', ')}.`];
    });
}

function addPreview(language: CliCommand): void {
  language
    .command('preview')
    .summary("show a user's prompt in a template")
    .description(
      "Shows the prompt about a user's last interaction, with its tokens and what was left out. A template is named, or a " +
        'JSON file; default: the first built-in template that fits the data set.',
    )
    .requiredOption('--dataset <name>', 'data set of the user')
    .option('--user <id>', 'as in the imported files (default: the first one with held-out interactions)')
    .option('--template <name|file>', 'a built-in template, or a JSON file of one')
    .addOption(
      new Option('--task <task>', 'what is asked')
        .choices(['like', 'rating', 'genre', 'pick'])
        .default('like'),
    )
    .option('--shots <number>', 'maximum number of past interactions', wholeNumber(0), 20)
    .option('--context <number>', 'maximum number of tokens', wholeNumber(64), 512)
    .examples('tessera language preview --dataset ml-1m --user 6 --shots 5')
    .ask(async (store, { user = '', ...options }: PreviewOptions) => {
      const { previewPrompt } = await import('../../services/analysis/language.ts');
      const template = await templateText(options.template);
      const preview = await previewPrompt(store, { ...options, user, template, weights: '' });
      return [preview, previewText(preview)];
    });
}

/** The template in a file, or the name of a built-in one. */
async function templateText(given = ''): Promise<string> {
  return given.endsWith('.json') ? readFile(given, 'utf8') : given;
}

function previewText({ parts, tokens, context, shown, dropped, tokenizer }: PromptPreview): string {
  const text = parts.flatMap(({ pieces }) => pieces.map((piece) => piece.text)).join('');
  const cut = parts.flatMap(({ pieces }) => pieces).filter((piece) => piece.cut).length;
  const counts = [
    `${tokens} of ${context} tokens (${tokenizer})`,
    `${countText(shown, 'past interaction')} shown, ${countText(dropped, 'older one')} left out`,
    ...(cut > 0 ? [`${countText(cut, 'value')} cut to the length of a slot`] : []),
  ];
  return [text, '', ...counts].join('\n');
}

function addEvaluate(language: CliCommand): void {
  language
    .command('evaluate <run>')
    .summary('evaluate the answers of a language run')
    .description(
      'Asks a run about the last interaction of users: AUC and calibration, beside baselines that do not read the prompt and other runs; ' +
        'by number of past interactions shown and by length of the history; in an unseen wording; other tasks; and the rank of the ' +
        'held-out item among candidates, which cannot be compared with full ranking. A ranking model answers the same questions ' +
        'if it was trained with split=last and labels=rating. The result is stored with the run.',
    )
    .option('--users <number>', 'users asked about; 0 takes all', wholeNumber(0), 0)
    .option('--fewer-users <number>', 'users of these for shots, tasks and candidates', wholeNumber(1), 300)
    .option(
      '--candidates <number>',
      'candidates drawn beside the held-out item; 0 for none',
      wholeNumber(0),
      99,
    )
    .option('--retriever <run>', 'also re-rank the top 100 items of this run')
    .option('--against <runs>', 'runs that answer the same questions', commaList)
    .option('--device <id>', 'where to compute', 'cpu')
    .addOption(threadsOption())
    .option(
      '--queue',
      'let the window or "tessera serve" do it between the trainings of the queue, and do not wait',
    )
    .examples(
      'tessera language evaluate brew-ml-1m-seed1 --against dlrm-ml-1m-seed1,sasrec-ml-1m-seed1',
      'tessera language evaluate brew-ml-1m-seed1 --queue',
    )
    .answer(async (context, run: string, options: EvaluateOptions) => {
      if (options.queue) return queued(context, run, options);
      const { evaluateLanguageRun } = await import('../../services/analysis/language.ts');
      const line = process.stderr.isTTY ? new LiveLine(process.stderr) : null;
      const onProgress = (what: string, done: number, total: number) =>
        line?.show(() => `${what}: ${done} of ${total}`);
      const { retriever = null, against = [] } = options;
      const evaluation = await withStore(context, async (store) => {
        const request = { ...options, run, retriever, against, ...(await computeOn(store, options)) };
        return evaluateLanguageRun(store, request, { onProgress });
      }).finally(() => line?.clear());
      return [evaluation, evaluationText(evaluation)];
    });
}

/** Puts it into the queue, where whoever trains that finds it. */
async function queued(
  context: CommandContext,
  run: string,
  options: EvaluateOptions,
): Promise<[unknown, string]> {
  const { queueEvaluation } = await import('../../services/runs/evaluations.ts');
  const { users, fewerUsers, candidates, retriever, against = [] } = options;
  const one = await withStore(context, async (store) => {
    const idOf = (reference: string) => store.runs.find(reference).id;
    const others = {
      retriever: retriever === undefined ? null : idOf(retriever),
      against: against.map(idOf),
    };
    return queueEvaluation(store, { run, users, fewerUsers, candidates, ...others });
  });
  return [one, 'It waits for its turn in the queue.'];
}

function addComplete(language: CliCommand): void {
  language
    .command('complete <run>')
    .summary("let a run continue a user's history")
    .description(
      "Shows what a language run writes after a user's history. The user is named as in the imported files.",
    )
    .requiredOption('--user <id>', "the user's own id")
    .option('--tokens <number>', 'maximum number of new tokens', wholeNumber(1), 60)
    .option('--temperature <number>', '0 always takes the most likely token', decimalNumber, 0)
    .option('--seed <number>', 'seed of the drawn tokens', wholeNumber(0), 1)
    .option('--device <id>', 'where to compute', 'cpu')
    .addOption(threadsOption())
    .examples('tessera language complete brew-ml-1m-seed1 --user 6 --temperature 0.8')
    .ask(async (store, run: string, options: CompleteOptions) => {
      const { completeHistory } = await import('../../services/analysis/language.ts');
      const request = { ...options, run, ...(await computeOn(store, options)) };
      const completion = await completeHistory(store, request);
      return [completion, `${completion.given}${completion.made}`];
    });
}
