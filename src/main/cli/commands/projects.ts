import { countText } from '../../../core/names.ts';
import type { Project } from '../../../core/store/home/projects.ts';
import type { Store } from '../../../core/store/store.ts';
import { program } from '../../data-folder/command-line.ts';
import type { CliCommand } from '../command.ts';
import { deleted } from '../deleted.ts';
import { textTable } from '../terminal/text-table.ts';

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
    .ask((store) => {
      const known = store.projects.list();
      return [known, known.length > 0 ? listText(known) : noProjectsText()];
    });
  projects
    .command('create <name>')
    .description('Makes a project.')
    .option('--description <text>', 'what it is about')
    .examples('tessera projects create "Long histories" --description "Does 200 help?"')
    .ask((store, name: string, { description }: ProjectChanges) => {
      const project = store.projects.create(name, description);
      return [project, `Made the project ${project.name}.`];
    });
  projects
    .command('change <project>')
    .description('Gives a project another name or description.')
    .option('--name <name>', 'the new name')
    .option('--description <text>', 'the new description')
    .examples('tessera projects change "Long histories" --name Histories')
    .ask((store, reference: string, changes: ProjectChanges) => {
      const { id } = store.projects.find(reference);
      store.projects.change(id, changes);
      const project = store.projects.find(id);
      return [project, `Changed the project ${project.name}.`];
    });
  projects
    .command('add <project> <run...>')
    .description('Puts runs into a project, and takes them out of the one that they were in.')
    .examples('tessera projects add "Long histories" sasrec-beauty-seed1')
    .ask((store, reference: string, runs: string[]) => {
      const project = store.projects.find(reference).name;
      const put = putRuns(store, project, runs);
      return [{ project, runs: put }, `Put ${countText(put.length, 'run')} into the project ${project}.`];
    });
  projects
    .command('remove <run...>')
    .description('Removes runs from their project.')
    .examples('tessera projects remove sasrec-beauty-seed1')
    .ask((store, runs: string[]) => {
      const put = putRuns(store, null, runs);
      return [{ project: null, runs: put }, `Removed ${countText(put.length, 'run')} from their project.`];
    });
  projects
    .command('delete <project>')
    .description('Deletes a project; its runs remain.')
    .examples('tessera projects delete "Long histories"')
    .ask((store, reference: string) => {
      const project = store.projects.find(reference);
      return deleted(store, 'project', project, `project ${project.name}. Its runs remain.`);
    });
}

function listText(known: readonly Project[]): string {
  const rows = known.map(({ name, runs, description }) => [name, String(runs), description]);
  return textTable(['Project', 'Runs', 'Description'], rows, ['Runs']);
}

function noProjectsText(): string {
  return `No projects yet. Make one: ${program()} projects create NAME`;
}

/** Puts runs into a project, or with null into none. Returns their ids. */
function putRuns(store: Store, project: string | null, references: readonly string[]): string[] {
  const runs = references.map((run) => store.runs.find(run).id);
  store.transaction(() => {
    for (const run of runs) store.table.annotate(run, { project });
  });
  return runs;
}
