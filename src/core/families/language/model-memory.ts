/** The memory that a pretrained model takes, before it is read: reckoned from the graphs that would run. */
import { type Adapters, Decoder, type DecoderConfig, decoderParameters } from '../../decoders/decoder.ts';
import { countParameters, type Program } from '../../engine/index.ts';
import { trace } from '../../engine/tracer.ts';
import { StepPrograms } from '../../training/programs.ts';
import { languageSchema } from './language-config.ts';
import { answersProgram } from './sequence-scorer.ts';

/** Bytes that a program takes at most, of rows as long as the context of the sizes. */
export interface ModelMemory {
  /** Answers to eight prompts at once. */
  scoring: number;
  /** A step of adapters, each block made again, that learns answers alone: at most a quarter of the tokens. */
  adapters: number;
  /** The same where every token is learnt. */
  adaptersOfAll: number;
}

/** Of the program without a model. */
const PROGRAM_BYTES = 150e6;
/** Of a parameter, which is read once and stands once on the device. */
const PARAMETER_BYTES = 2 * 4;
/** What the runtime takes for values alive at once, measured from 2 rows of 256 to 8 of 512 tokens. */
const RUNTIME_SHARE = 1.4;

/** As a language run has it by itself. */
export function modelMemory(config: DecoderConfig): ModelMemory {
  const { batchSize: rows } = languageSchema.parse({});
  const adapters = { rank: 8, alpha: 16, targets: ['query', 'value'] as const };
  const learning = (supervised: number) =>
    adapterBytes(config, adapters, { rows, supervised, recompute: true });
  return {
    scoring: scoringBytes(config, { rows }),
    adapters: learning(Math.ceil(config.context / 4)),
    adaptersOfAll: learning(config.context),
  };
}

/** Of answers to so many prompts at once. */
export function scoringBytes(config: DecoderConfig, { rows }: { rows: number }): number {
  return bytesOf(config, answersProgram(new Decoder(config), rows, 2));
}

/** Of a step of adapters, of whose tokens `supervised` of a row are learnt. */
export function adapterBytes(
  config: DecoderConfig,
  adapters: Adapters,
  { rows, ...options }: { rows: number; supervised: number; recompute: boolean },
): number {
  const decoder = new Decoder(config, { adapters, ...options });
  const shape = { rows, length: config.context };
  return bytesOf(config, new StepPrograms(decoder, languageSchema.parse({})).step([shape]));
}

function bytesOf(config: DecoderConfig, program: Program): number {
  const parameters = countParameters({ parameters: decoderParameters(config) });
  const { liveBytes } = trace(program, { dynamicSizes: true });
  return PROGRAM_BYTES + PARAMETER_BYTES * parameters + RUNTIME_SHARE * liveBytes;
}
