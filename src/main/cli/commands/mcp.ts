import type { CliCommand } from '../command.ts';
import type { CommandContext } from '../context.ts';

interface McpFlags {
  allowChanges?: boolean;
  folder?: string[];
}

/** `mcp`: the home for assistants that speak the Model Context Protocol. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('mcp')
    .summary('let an assistant read runs and comparisons (Model Context Protocol)')
    .description(
      'Serves the Model Context Protocol on the standard input and output, for an assistant that starts it. Tools list and show runs, data sets and ' +
        'models, compare runs with tests, recommend, and query; nothing is changed unless you allow it, and no file is read outside of the folders you name.',
    )
    .option('--allow-changes', 'offer tools that queue runs and import files, too')
    .option(
      '--folder <folder>',
      'files may be read from this folder; repeatable',
      (folder: string, others: string[] = []) => [...others, folder],
    )
    .examples('tessera mcp', 'tessera mcp --allow-changes --folder ~/experiments')
    .run(serve);
}

async function serve(
  { home }: CommandContext,
  { allowChanges = false, folder = [] }: McpFlags,
): Promise<void> {
  const [{ serveMcp }, { codeVersion, findCodeVersion }] = await Promise.all([
    import('../../mcp/server.ts'),
    import('../../../core/code-version.ts'),
  ]);
  await findCodeVersion();
  await serveMcp({
    home,
    version: codeVersion(),
    allowsChanges: allowChanges,
    folders: folder,
    commandLine: process.argv[1],
  });
}
