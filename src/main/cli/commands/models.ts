import type { CliCommand } from '../command.ts';
import { loadPlugins } from '../context.ts';

/** `models [ID]`: what can be trained. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('models [id]')
    .summary('list the models, or show one with its config and presets')
    .description('Lists the models with their presets; with an id, its paper, presets and every config key.')
    .examples('tessera models', 'tessera models sasrec', 'tessera models sasrec --json')
    .answer(async (context, id: string | undefined) => {
      await loadPlugins(context);
      const { findModel, allModels } = await import('../../../core/families/registry.ts');
      const { listText, modelJson, modelText } = await import('../text/model-text.ts');
      if (id === undefined) return [allModels().map(modelJson), listText(allModels())];
      const model = findModel(id);
      return [modelJson(model), modelText(model)];
    });
}
