import { countText } from '../../../core/names.ts';
import type { Project } from '../../../core/store/home/projects.ts';
import { program } from '../../data-folder/command-line.ts';
import type { CliCommand } from '../command.ts';
import { type CommandContext, printResult, withStore } from '../context.ts';
import { textTable } from '../terminal/text-table.ts';
import { restoreText } from '../text/trash-text.ts';

interface ProjectChanges {
  name?: string;
  description?: string;
}

/** `projects list | create | change | add | remove | delete`. */
export function addCommand(parent: CliCommand): void {
  const projects = parent
    .command('projects')
    .summary('group runs into projects')
    .description(
      'The projects of the home. A run is in one project at most; "train --project" puts a new one in.',
    )
    .helpCommand(false);
  projects
    .command('list')
    .description('Lists the projects by name.')
    .examples('tessera projects list')
    .run(list);
  projects
    .command('create <name>')
    .description('Makes a project.')
    .option('--description <text>', 'what it is about')
    .examples('tessera projects create "Long histories" --description "Does 200 help?"')
    .run(create);
  projects
    .command('change <project>')
    .description('Gives a project another name or description.')
    .option('--name <name>', 'the new name')
    .option('--description <text>', 'the new description')
    .examples('tessera projects change "Long histories" --name Histories')
    .run(change);
  projects
    .command('add <project> <run...>')
    .description('Puts runs into a project, and takes them out of the one that they were in.')
    .examples('tessera projects add "Long histories" sasrec-beauty-seed1')
    .run(put);
  projects
    .command('remove <run...>')
    .description('Takes runs out of their project.')
    .examples('tessera projects remove sasrec-beauty-seed1')
    .run((context, runs: string[]) => put(context, null, runs));
  projects
    .command('delete <project>')
    .description('Deletes a project; its runs remain.')
    .examples('tessera projects delete "Long histories"')
    .run(deleteProject);
}

async function list(context: CommandContext): Promise<void> {
  await withStore(context, ({ projects }) => {
    const known = projects.list();
    printResult(context, known, () => (known.length > 0 ? listText(known) : noProjectsText()));
  });
}

function listText(known: readonly Project[]): string {
  const rows = known.map(({ name, runs, description }) => [name, String(runs), description]);
  return textTable(['Project', 'Runs', 'Description'], rows, ['Runs']);
}

function noProjectsText(): string {
  return `No projects yet. Make one: ${program()} projects create NAME`;
}

async function create(context: CommandContext, name: string, { description }: ProjectChanges): Promise<void> {
  await withStore(context, ({ projects }) => {
    const project = projects.create(name, description);
    printResult(context, project, () => `Made the project ${project.name}.`);
  });
}

async function change(context: CommandContext, reference: string, changes: ProjectChanges): Promise<void> {
  await withStore(context, ({ projects }) => {
    const { id } = projects.find(reference);
    projects.change(id, changes);
    const project = projects.find(id);
    printResult(context, project, () => `Changed the project ${project.name}.`);
  });
}

/** Puts runs into a project, or with null into none. */
async function put(
  context: CommandContext,
  reference: string | null,
  references: readonly string[],
): Promise<void> {
  await withStore(context, (store) => {
    const project = reference === null ? null : store.projects.find(reference).name;
    const runs = references.map((run) => store.runs.find(run).id);
    store.transaction(() => {
      for (const run of runs) store.table.annotate(run, { project });
    });
    printResult(context, { project, runs }, () =>
      project === null
        ? `Took ${countText(runs.length, 'run')} out of their project.`
        : `Put ${countText(runs.length, 'run')} into the project ${project}.`,
    );
  });
}

async function deleteProject(context: CommandContext, reference: string): Promise<void> {
  await withStore(context, ({ projects, trash }) => {
    const { id, name } = projects.find(reference);
    trash.put('project', [id]);
    printResult(
      context,
      { deleted: id, name },
      () => `Deleted the project ${name}. Its runs remain. ${restoreText(id)}`,
    );
  });
}
