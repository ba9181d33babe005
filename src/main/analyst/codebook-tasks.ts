/** The analyst's part in the Codebooks screen: every question of the contract, with the home it is about. */
import type {
  CategoryBars,
  CodebookFacts,
  CodebookMap,
  CodebookPeek,
  CodebookStrips,
  CodebookView,
  CodedItem,
  CodedItemCard,
  CodedItemPage,
  CollisionPage,
  DeadCode,
  HeatMap,
  HeatRequest,
  MapChoice,
  MapProgress,
  MovedItem,
  SelectedNode,
  SelectedView,
  Timeline,
  TimelineProgress,
  TokeniserEntry,
  TokeniserFlow,
} from '../../core/api/codebooks.ts';
import type { Store } from '../../core/store/store.ts';
import type { TaskHandlers } from '../workers/tasks.ts';

interface Home {
  home: string;
}

interface Page {
  offset: number;
  limit: number;
}

interface Other {
  other: Pick<CodebookView, 'run' | 'step'>;
}

export type CodebookTasks = {
  codebookList: { input: Home; output: TokeniserEntry[] };
  codebookFacts: { input: Home & { run: string }; output: CodebookFacts };
  codebookStrips: { input: Home & SelectedView; output: CodebookStrips };
  codebookPeek: { input: Home & SelectedView; output: CodebookPeek };
  codebookTree: {
    input: Home & SelectedView & { weight: 'items' | 'interactions' };
    output: { root: number[]; nodes: SelectedNode[] };
  };
  codebookCategories: { input: Home & SelectedView; output: CategoryBars | null };
  codebookItems: { input: Home & SelectedView & Page & { search: string }; output: CodedItemPage };
  codebookNames: { input: Home & CodebookView & { items: number[] }; output: CodedItem[] };
  codebookItem: { input: Home & CodebookView & { item: number; k: number }; output: CodedItemCard };
  codebookCollisions: { input: Home & SelectedView & Page; output: CollisionPage };
  codebookHeat: { input: Home & HeatRequest; output: HeatMap };
  codebookDead: {
    input: Home & CodebookView & { level: number };
    output: (DeadCode & { title: string | null })[] | null;
  };
  codebookMap: {
    input: Home & CodebookView & { map: MapChoice };
    progress: MapProgress;
    output: CodebookMap;
  };
  codebookMapSelection: {
    input: Home & SelectedView & { map: MapChoice };
    output: { bits: string; count: number };
  };
  codebookTimeline: { input: Home & { run: string }; progress: TimelineProgress; output: Timeline };
  codebookFlow: { input: Home & SelectedView & Other; output: TokeniserFlow };
  codebookMoved: {
    input: Home & SelectedView & Other & Page;
    output: { total: number; rows: MovedItem[] };
  };
};

const overview = () => import('./codebooks/overview.ts');
const items = () => import('./codebooks/items.ts');
const pairs = () => import('./codebooks/pairs.ts');
const maps = () => import('./codebooks/maps.ts');

export function codebookHandlers(storeOf: (home: string) => Store): TaskHandlers<CodebookTasks> {
  return {
    codebookList: async ({ home }) => (await overview()).tokenisers(storeOf(home)),
    codebookFacts: async ({ home, run }) => (await overview()).codebookFacts(storeOf(home), run),
    codebookStrips: async ({ home, ...input }) => (await overview()).codebookStrips(storeOf(home), input),
    codebookPeek: async ({ home, ...input }) => (await overview()).codebookPeek(storeOf(home), input),
    codebookTree: async ({ home, ...input }) => (await overview()).codebookTree(storeOf(home), input),
    codebookCategories: async ({ home, ...input }) =>
      (await overview()).codebookCategories(storeOf(home), input),
    codebookItems: async ({ home, ...input }) => (await items()).codebookItems(storeOf(home), input),
    codebookNames: async ({ home, ...input }) => (await items()).itemNames(storeOf(home), input),
    codebookItem: async ({ home, ...input }) => (await items()).codedItemCard(storeOf(home), input),
    codebookCollisions: async ({ home, ...input }) =>
      (await items()).codebookCollisions(storeOf(home), input),
    codebookHeat: async ({ home, ...input }) => (await pairs()).codebookHeat(storeOf(home), input),
    codebookFlow: async ({ home, ...input }) => (await pairs()).codebookFlow(storeOf(home), input),
    codebookMoved: async ({ home, ...input }) => (await pairs()).movedPage(storeOf(home), input),
    codebookDead: async ({ home, ...input }) => (await maps()).codebookDead(storeOf(home), input),
    codebookMap: async ({ home, ...input }, context) =>
      (await maps()).codebookMap(storeOf(home), input, context),
    codebookMapSelection: async ({ home, ...input }) => (await maps()).mapSelection(storeOf(home), input),
    codebookTimeline: async ({ home, run }, context) =>
      (await import('./codebooks/timeline.ts')).codebookTimeline(storeOf(home), run, context),
  };
}
