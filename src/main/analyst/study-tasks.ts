/** The analyst's part in scaling studies: models are counted and laws fitted away from the process that answers the window. */
import type { Report } from '../../core/api/compare.ts';
import type {
  StudyEntry,
  StudyPage,
  StudyPlan,
  StudyReportRequest,
  StudyRequest,
} from '../../core/api/studies.ts';
import { messageOf, UserError } from '../../core/errors.ts';
import type { CountedStudy } from '../../core/scaling/analysis.ts';
import type { Store } from '../../core/store/store.ts';
import type { TaskHandlers } from '../workers/tasks.ts';

interface Home {
  home: string;
}

type Request = StudyRequest & { threads: number };

export type StudyTasks = {
  studyList: { input: Home; output: StudyEntry[] };
  studyPlan: { input: Home & { request: Request }; output: StudyPlan };
  studyCount: { input: Home & { request: Request }; output: CountedStudy };
  studyCreate: { input: Home & { request: Request; name: string }; output: { id: string } };
  studyFill: { input: Home & { study: string }; output: { runs: number } };
  studyReport: { input: Home & StudyReportRequest; output: Report };
  studyShow: { input: Home & { study: string }; output: StudyPage };
};

export function studyHandlers(storeOf: (home: string) => Store): TaskHandlers<StudyTasks> {
  const service = () => import('./studies.ts');
  return {
    studyList: async ({ home }) => {
      const { studyEntry } = await service();
      const store = storeOf(home);
      return store.studies.list().map((study) => studyEntry(store, study));
    },
    studyPlan: async ({ home, request }) => {
      const { countedStudy, studyCost } = await service();
      try {
        const { points } = await countedStudy(storeOf(home), request);
        return { points, ...studyCost(points), problem: null };
      } catch (error) {
        if (error instanceof UserError) return { points: null, problem: messageOf(error) };
        throw error;
      }
    },
    studyCount: async ({ home, request }) => {
      const { countedStudy } = await service();
      return countedStudy(storeOf(home), request);
    },
    studyCreate: async ({ home, request, name }) => {
      const { createStudy } = await service();
      return { id: createStudy(storeOf(home), name, request).id };
    },
    studyFill: async ({ home, study }) => {
      const { fillStudy, requeueUnfinished } = await service();
      const store = storeOf(home);
      const record = store.studies.find(study);
      return { runs: fillStudy(store, record).length + requeueUnfinished(store, record).length };
    },
    studyReport: async ({ home, study, ...options }) => {
      const { studyReport } = await import('./study-report.ts');
      const store = storeOf(home);
      return studyReport(store, store.studies.find(study), options);
    },
    studyShow: async ({ home, study }) => {
      const { studyEntry, studyResult } = await service();
      const store = storeOf(home);
      const record = store.studies.find(study);
      const { study: _, ...result } = await studyResult(store, record);
      return { ...studyEntry(store, record), ...result };
    },
  };
}
