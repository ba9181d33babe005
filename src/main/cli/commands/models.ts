import type { Command } from 'commander';
import { answer, contextOf } from '../context.ts';
import { examples } from '../help.ts';

/** `models [ID]`: what can be trained. */
export function addCommand(parent: Command): void {
  parent
    .command('models [id]')
    .summary('list the models, or show one with its config and presets')
    .description('Lists the models with their presets; with an id, its paper, presets and every config key.')
    .addHelpText('after', examples('tessera models', 'tessera models sasrec', 'tessera models sasrec --json'))
    .action(async (id: string | undefined, _options: object, command: Command) => {
      const { findModel, models } = await import('../../../core/families/registry.ts');
      const { listText, modelJson, modelText } = await import('../text/model-text.ts');
      const context = contextOf(command);
      if (id === undefined) answer(context, models.map(modelJson), () => listText(models));
      else {
        const model = findModel(id);
        answer(context, modelJson(model), () => modelText(model));
      }
    });
}
