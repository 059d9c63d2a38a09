CREATE CATALOG IF NOT EXISTS iceberg_catalog WITH ('type' = 'filesystem');
