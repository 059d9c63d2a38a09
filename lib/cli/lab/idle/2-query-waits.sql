SET 'execution.runtime-mode' = 'batch';

SELECT * FROM iceberg_catalog.demo.waits_counts
ORDER BY window_start;
