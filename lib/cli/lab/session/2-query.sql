SET 'execution.runtime-mode' = 'batch';

SELECT * FROM iceberg_catalog.demo.user_sessions
ORDER BY window_start, user_id;
