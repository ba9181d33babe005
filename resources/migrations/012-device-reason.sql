-- A device that was named is requested, as everywhere else in the program.
UPDATE runs SET device_reason = 'requested' WHERE device_reason = 'asked for';
