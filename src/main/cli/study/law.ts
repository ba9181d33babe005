import { UserError } from '../../../core/errors.ts';
import { DEPTH_WIDTH_SIZES, publishedSizes } from '../../../core/studies/study-choices.ts';
import type { CliCommand } from '../command.ts';
import { commaList, decimalNumber, listOf } from '../options.ts';
import { type StudyOptions, sharedRequest, studyOptions } from './options.ts';
import { beginStudy } from './run.ts';

interface LawOptions extends StudyOptions {
  model: string;
  preset?: string;
  sizes: string[];
  shares: number[];
}

const DEFAULT_SIZES = '16x2,32x2,64x2,128x2,256x2';

/** `study run`: the law over sizes of a model and shares of the users. */
export function addLaw(study: CliCommand): void {
  const run = study
    .command('run')
    .description('Creates the runs of a grid, queues them and trains them.')
    .option('--model <id>', 'model to scale: one trained by steps on interactions', 'sasrec')
    .option('--preset <name>', "one of the model's presets")
    .option(
      '--sizes <list>',
      'width x depth, optionally x heads x feed-forward width; "published" for the ladder of Zhang et al. (98K to 829M), "depth-width" for ' +
        'wide and shallow against narrow and deep',
      commaList,
      commaList(DEFAULT_SIZES),
    )
    .option(
      '--shares <list>',
      'shares of the users trained on',
      listOf(decimalNumber),
      [0.125, 0.25, 0.5, 1],
    );
  studyOptions(run, 'study')
    .examples(
      'tessera study run --dataset ml-1m --sizes 16x2,32x2,64x2,128x2,256x2 --shares 0.25,0.5,1 --set epochs=20',
      'tessera study run --dataset ml-1m --sizes published --dry-run',
      'tessera study run --dataset ml-1m --sizes depth-width --shares 1 --set loss=full-softmax',
      'tessera study resume sasrec-ml-1m-scaling',
      'tessera study fit sasrec-ml-1m-scaling --json',
    )
    .run((context, options: LawOptions) => beginStudy(context, requestOf(options), options));
}

/** The sizes that a name stands for, or the size itself. */
function readySizes(text: string, model: string): readonly string[] {
  if (text === 'published') return publishedSizes(model);
  return text === 'depth-width' ? DEPTH_WIDTH_SIZES : [text];
}

function requestOf({ model, preset, ...options }: LawOptions) {
  const sizes = options.sizes.flatMap((text) => readySizes(text, model));
  const shares = options.shares.toSorted((a, b) => a - b);
  const bad = shares.find((share) => !(share > 0 && share <= 1));
  if (bad !== undefined) throw new UserError(`a share of the users is more than 0 and at most 1, not ${bad}`);
  return { kind: 'law' as const, model, preset, sizes, shares, ...sharedRequest(options) };
}
