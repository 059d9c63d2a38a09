SET 'execution.runtime-mode' = 'batch';

SELECT * FROM iceberg_catalog.demo.savepoint_test
ORDER BY window_start, event_type;
