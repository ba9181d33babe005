import type { CliCommand } from '../command.ts';
import { addTrainingOptions, train } from '../train-run.ts';

/** `train`: start or resume a run, and follow it. */
export function addCommand(parent: CliCommand): void {
  const command = parent
    .command('train')
    .summary('train a model on a data set, or resume a run')
    .description('Trains a model on a data set and tests it. Every result is stored in the home.')
    .option('--dataset <name>', 'data set to train on: name or id')
    .option('--model <id>', 'model to train; "tessera models" lists them');
  addTrainingOptions(command)
    .examples(
      'tessera train --dataset beauty --model popularity',
      'tessera train --dataset beauty --model sasrec --preset beauty --seed 2',
      'tessera train --dataset ml-1m --model bprmf --set epochs=20 --set learningRate=0.002 --device cpu',
      'tessera train --dataset beauty --model sasrec --seed 1-3 --name base',
      'tessera train --like sasrec-beauty-seed2 --set dropout=0.5',
      'tessera train --config run.json --dataset toys',
      'tessera train --resume sasrec-beauty-seed2',
    )
    .action(train);
}
