-- A run that diverged has a status of its own: the same settings and seed diverge again. Earlier versions said it in words alone.
UPDATE attempts SET outcome = 'diverged' WHERE outcome = 'failed'
  AND number = (SELECT max(number) FROM attempts AS others WHERE others.run = attempts.run)
  AND run IN (SELECT id FROM runs WHERE kind = 'own' AND status = 'failed' AND instr(message, 'the run has diverged') > 0);
UPDATE runs SET status = 'diverged'
  WHERE kind = 'own' AND status = 'failed' AND instr(message, 'the run has diverged') > 0;
