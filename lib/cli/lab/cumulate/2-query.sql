SET 'execution.runtime-mode' = 'batch';

SELECT * FROM iceberg_catalog.demo.cumulate_revenue
ORDER BY window_start, window_end;
