import { z } from 'zod';
import { adaptersOf, loraTargetsRule } from '../../../decoders/lora-config.ts';
import { requireUsable } from '../../../decoders/pretrained/usable.ts';
import { dataFields, field, protocolFields, trainingFields } from '../../../training/config.ts';
import type { StepRunner } from '../../../training/step-runner.ts';
import { startFields } from '../../../training/warm-start.ts';
import type { TokenLevels } from '../code-tokens.ts';
import { generationFields, requireTenBeams, sourceFields } from '../generative-config.ts';
import { generativeModel, type TrainingGiven } from '../generative-model.ts';
import { givenWordSizes, prepareWords } from '../words/prepare-words.ts';
import { startingValues } from '../words/starting-values.ts';
import { WordBatches } from '../words/word-batches.ts';
import { readWordFiles, type WordFiles } from '../words/word-files.ts';
import { WordIds } from '../words/word-ids.ts';
import { WordSteps } from '../words/word-steps.ts';
import { wordConfig, wordFields, wordWork } from '../words/words-config.ts';

const { encoding: _encoding, userTokens: _users, separator: _separator, ...ids } = sourceFields;
const { softmax: _softmax, ...lists } = generationFields;

export const lcRecSchema = z
  .object({
    ...ids,
    ...startFields,
    ...wordFields,
    ...lists,
    ...dataFields,
    ...trainingFields,
    batchSize: field.positiveInt('Examples in one optimiser step').default(64),
    ...protocolFields,
  })
  .refine(...requireTenBeams)
  .refine(({ weights, languageFrom }) => weights === '' || languageFrom === '', {
    path: ['weights'],
    message: 'take words from another run or from a pretrained model, not from both',
  })
  .refine(
    ({ weights, languageFrom, dim, heads }) => weights + languageFrom !== '' || (dim / heads) % 2 === 0,
    {
      path: ['heads'],
      message: 'heads must have an even width: choose heads so that dim / heads is even',
    },
  )
  .refine(...loraTargetsRule)
  .refine(({ startFrom, loraRank }) => startFrom === '' || loraRank === 0, {
    path: ['startFrom'],
    message: 'a run is continued as a whole: set loraRank=0',
  })
  .refine(({ historyShare }) => historyShare > 0, {
    path: ['historyShare'],
    message: 'lists follow from histories: keep a share of them',
  });

type LcRecConfig = z.output<typeof lcRecSchema>;

/** `WordIds` with the examples it is trained on, starting from what its config names. */
class LcRec extends WordIds {
  readonly #own: LcRecConfig;
  readonly #files: WordFiles;

  constructor(config: LcRecConfig, tokens: TokenLevels, files: WordFiles, trains: boolean) {
    const { dropout, recomputeBlocks: recompute } = config;
    const adapters = trains ? adaptersOf(config) : null;
    const prompt = files.prompts.history;
    super(config, tokens, { sizes: files.decoder, prompt, adapters, dropout, recompute });
    this.#own = config;
    this.#files = files;
  }

  training({ data, trainEnd, catalogue, device, spec }: TrainingGiven) {
    const [config, files] = [this.#own, this.#files];
    const options = { ...config, seed: spec.seed, firstCode: this.firstCode };
    return {
      batches: () => new WordBatches(data, trainEnd, catalogue, files, options),
      trainer: (runner: StepRunner) =>
        new WordSteps(runner, {
          ...{ model: this, config, device },
          start: () => startingValues(this, config, spec, catalogue, files),
        }),
    };
  }
}

export const lcRec = generativeModel({
  id: 'lc-rec',
  title: 'LC-Rec',
  summary: 'A language model with codes as words.',
  group: 'generative',
  paper: {
    title: 'Adapting Large Language Models by Integrating Collaborative Semantics for Recommendation',
    authors: 'Bowen Zheng, Yupeng Hou, Hongyu Lu, and others',
    year: 2024,
    where: 'ICDE 2024, arXiv:2311.09049',
  },
  sources: { tokeniser: 'required', languageFrom: 'optional' },
  essentials: ['tokeniser', 'weights', 'languageFrom', 'loraRank', 'learningRate', 'epochs'],
  configSchema: lcRecSchema,
  prepare: prepareWords,
  givenSizes: givenWordSizes,
  requireFiles: (config) => {
    const { weights, tokenizer } = wordConfig(config);
    requireUsable({ weights, tokenizer });
  },
  positionWork: (config) => wordWork(wordConfig(config)),
  build: (config, tokens, { folder, trains }) => new LcRec(config, tokens, readWordFiles(folder), trains),
});
