import { describe, expect, it } from 'vitest';
import type { PlaceState, QueueState } from './api/queue.ts';
import type { RunRecord } from './api/runs.ts';
import {
  type AwayState,
  awayLine,
  awayNumbers,
  awayStatement,
  courseOf,
  isRefused,
  lossText,
  queueAt,
  queueText,
  reasonWords,
} from './away-words.ts';

const NOW = new Date(2026, 4, 6, 17, 0).getTime();
const MINUTE = 60_000;

function place(changes: Partial<PlaceState>): AwayState {
  return {
    ...{ phase: 'pending', job: '48213', detail: 'Priority', node: null, startsAt: null, endsAt: null },
    ...{ submittedAt: NOW - 38 * MINUTE, ahead: 31, starts: 0, since: NOW - MINUTE, heardAt: NOW },
    ...changes,
  } as AwayState;
}

describe('the queue', () => {
  const own = (host: string | null) => ({ kind: 'own', place: host, config: {} }) as RunRecord;
  const queue = {
    running: [
      { run: own(null), place: null },
      { run: own('cluster'), place: place({}) },
      { run: own('cluster'), place: place({ phase: 'sending' }) },
      { run: own('lab-2'), place: place({ phase: 'unreachable' }) },
      { run: { kind: 'imported' }, place: null },
    ],
    waiting: [{ run: own('cluster') }],
    resumable: [own(null)],
  } as QueueState;

  it('counts as running what trains, and as waiting what another machine has wait', () => {
    expect(queueText(queue)).toBe('2 running, 3 waiting, 1 without contact');
    expect(queueText({ running: [], waiting: [] })).toBe('Nothing is running');
  });

  it('is that of one machine, to which runs of other programs do not belong', () => {
    expect(queueAt(queue, null)).toBe(queue);
    expect(queueText(queueAt(queue, 'cluster'))).toBe('3 waiting');
    const here = queueAt(queue, '');
    expect([queueText(here), here.resumable.length]).toEqual(['1 running', 1]);
  });
});

describe('a run on another machine', () => {
  it('waits for a reason, in our words and in those of its scheduler, and ends when that guesses', () => {
    const host = { name: 'cluster', scheduler: 'Slurm' };
    expect(awayStatement(place({}), 'cluster', NOW)).toEqual([
      'Waiting on cluster for 38 min',
      '31 jobs have a higher priority',
    ]);
    expect(awayLine(place({}), NOW)).toEqual(['PENDING (Priority)', '31 jobs before it, since 16:22']);
    expect(awayNumbers(place({}), host, 60, NOW)).toBe('cluster · Slurm job 48213 · PENDING (Priority).');
    const guessed = place({ startsAt: NOW + 160 * MINUTE });
    expect(awayNumbers(guessed, host, 15_600, NOW)).toContain(
      'Slurm expects a start about 19:40, which is a guess; then about 4 h 20 min.',
    );
    const held = place({ detail: 'QOSMaxJobsPerUserLimit', ahead: 3 });
    expect(reasonWords(held)).toBe('you may run no more jobs at a time');
    expect(reasonWords(place({ detail: 'Whatever', ahead: null }))).toBe('');
  });

  it('is not failed where nothing is heard of it', () => {
    const silent = place({
      phase: 'unreachable',
      detail: 'lab-2 does not answer',
      heardAt: NOW - 14 * MINUTE,
    });
    expect(awayStatement(silent, 'lab-2', NOW)).toEqual([
      'No contact with lab-2 for 14 min',
      'the job may still run; nothing is lost',
    ]);
    expect(awayNumbers(silent, { name: 'lab-2', scheduler: null }, null, NOW)).toBe('lab-2 does not answer');
    expect(awayLine(silent, NOW)[0]).toBe('No contact for 14 min');
  });

  it('has a course: what was done and when, what is now, what is to come', () => {
    const options = {
      ...{ host: 'cluster', isCluster: true, createdAt: NOW - 40 * MINUTE, sentAt: NOW - 39 * MINUTE },
      ...{ epochs: 101, end: null, pending: null, now: NOW },
    };
    const short = (at: PlaceState | null, changes = {}) =>
      courseOf(at, { ...options, ...changes }).map(({ text, state, time }) =>
        `${state} ${text} ${time}`.trim(),
      );
    expect(short(place({ startsAt: NOW + 160 * MINUTE }))).toEqual([
      'done Written to the queue 16:20',
      'done Sent to cluster 16:21',
      'done Submitted as 48213 16:22',
      'now Pending: Priority since 16:22',
      'open Starts on a node about 19:40',
      'open Trains, up to 101 epochs',
      'open Results copied back',
    ]);
    const trains = {
      ...place({ startsAt: NOW, endsAt: NOW + 60 * MINUTE, node: 'n1', starts: 2 }),
      phase: 'running',
    };
    expect(short(trains as PlaceState).slice(3)).toEqual([
      'done Waited for a node',
      'done Started on n1, 2 times 17:00',
      'now Trains, up to 101 epochs until 18:00',
      'open Results copied back',
    ]);
    const end = { completed: true, words: 'Completed', at: NOW + 60 * MINUTE };
    expect(short(trains as PlaceState, { end }).slice(4)).toEqual([
      'done Started on n1, 2 times 17:00',
      'done Trained',
      'done Results copied back 18:00',
    ]);
    const failed = { completed: false, words: 'Out of memory', at: NOW };
    expect(short(trains as PlaceState, { end: failed }).slice(4)).toEqual([
      'done Started on n1, 2 times 17:00',
      'ended Out of memory 17:00',
    ]);
    expect(short(place({}), { end: failed }).slice(2)).toEqual([
      'done Submitted as 48213 16:22',
      'ended Out of memory 17:00',
    ]);
    expect(short(null, { isCluster: false, epochs: null })).toEqual([
      'now Waits in the queue here 16:20',
      'open Sent to cluster 16:21',
      'open Starts',
      'open Trains',
      'open Results copied back',
    ]);
    const silent = place({ phase: 'unreachable', detail: null, job: null, starts: 1, since: NOW });
    expect(short(silent, { isCluster: false })[3]).toBe('gap No contact since 17:00');
  });

  it('has had checkpoints come here and silences, in the order of time, and what is requested stays to come', () => {
    const at = place({
      ...{ phase: 'running' as never, job: null, starts: 1, startsAt: null },
      saved: [
        [12, NOW - 30 * MINUTE],
        [24, NOW - 5 * MINUTE],
      ],
      gaps: [[NOW - 20 * MINUTE, NOW - 12 * MINUTE]],
    });
    const options = {
      host: 'lab',
      isCluster: false,
      createdAt: NOW,
      sentAt: NOW,
      epochs: 40,
      end: null,
      now: NOW,
    };
    const steps = courseOf(at, { ...options, pending: 'Pending: stop' }).slice(3);
    expect(steps.map(({ text, state, time }) => [state, text, time].join(' ').trim())).toEqual([
      'saved Epoch 12 saved here 16:30',
      'gap No contact for 8 min 16:40 to 16:48',
      'saved Epoch 24 saved here 16:55',
      'now Trains, up to 40 epochs',
      'pending Pending: stop',
      'open Results copied back',
    ]);
  });

  it('says what would be lost if its machine vanished', () => {
    const vanished = 'If lab vanished now, training here would continue from epoch 31';
    expect(lossText('lab', 31, 32)).toBe(`${vanished}: epoch 32 would be lost.`);
    expect(lossText('lab', 31, 34)).toBe(`${vanished}: epochs 32 to 34 would be lost.`);
    expect(lossText('lab', 31, null)).toBe(`${vanished}: what it trained since would be lost.`);
    expect(lossText('lab', null, 3)).toMatch(/^If lab vanished now, training would start again/);
  });

  it('is refused where it failed before it began, and failed by its training alone', () => {
    const failed = { status: 'failed' } as RunRecord;
    expect([isRefused(failed, place({ starts: 0 })), isRefused(failed, place({ starts: 1 }))]).toEqual([
      true,
      false,
    ]);
  });
});
