SET 'execution.runtime-mode' = 'batch';

SELECT * FROM iceberg_catalog.demo.idle_counts
ORDER BY window_start;
