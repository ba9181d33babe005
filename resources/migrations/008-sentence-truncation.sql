-- Runs whose sentence encoder cut texts at the tokenizer's limit, without the closing token, go on so.
UPDATE runs SET config = json_set(config, '$.sentenceTruncation', 'tokenizer')
WHERE json_extract(config, '$.content') IN ('sentence', 'sentence+run')
   OR (json_extract(config, '$.content') = 'auto' AND json_extract(config, '$.sentenceModel') <> '');
