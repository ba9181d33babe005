-- Sweeps of earlier versions could vary what changes the evaluation: none of their trials can be called the best. New ones
-- are refused; which key it was is written down once, so that every list and page gives one answer.
UPDATE studies SET spec = json_set(spec, '$.sweep.incomparable', found.key)
FROM (
  SELECT studies.id, min(json_extract(varied.value, '$.key')) AS key
  FROM studies, json_each(studies.spec, '$.sweep.vary') AS varied
  WHERE json_extract(studies.spec, '$.kind') = 'sweep' AND json_extract(varied.value, '$.key') IN (SELECT value FROM json_each(
    CASE
      WHEN json_extract(studies.spec, '$.sweep.metric') = 'valid/loss' THEN
        '["stage","startFrom","weights","tokenizer","template","vocabulary","context","shots","likeFrom","unseenTask","heldOutUsers","testUsers"]'
      WHEN json_extract(studies.spec, '$.sweep.metric') IN ('valid/logloss', 'valid/auc') THEN
        '["selection","labels","minRating","actions","negatives","split","validShare","testShare","hiddenItems","splitSeed"]'
      WHEN json_extract(studies.spec, '$.sweep.metric') LIKE 'ids/%' THEN '["selection"]'
      ELSE
        '["selection","protocol","split","validShare","testShare","historyFilter","historyWindow","rankLimit","candidates","coldItems","coldSeed","targetTime","beams","decoding","samplingTemperature","coldShare","retrieval","graphEdges","graphSteps","validationUsers","validationBeams"]'
    END))
  GROUP BY studies.id) AS found
WHERE found.id = studies.id;

-- How far the runs of studies are is asked for by every page of runs: without this each look reads the whole row of a run.
CREATE INDEX runs_progress ON runs (id, status, ended_at, deleted_at);
