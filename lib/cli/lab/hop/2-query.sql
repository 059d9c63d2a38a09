SET 'execution.runtime-mode' = 'batch';

SELECT * FROM iceberg_catalog.demo.hop_counts
ORDER BY window_start, event_type;
