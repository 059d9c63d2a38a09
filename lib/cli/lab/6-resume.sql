SET 'execution.checkpointing.interval' = '10s';

DROP TABLE IF EXISTS kafka_savepoint_events;

CREATE TABLE kafka_savepoint_events (
    event_id STRING,
    user_id STRING,
    event_type STRING,
    event_time TIMESTAMP(3),
    WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = 'savepoint-events',
    'properties.bootstrap.servers' = 'kafka:29092',
    'properties.group.id' = 'flink-savepoint-consumer',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO iceberg_catalog.demo.savepoint_test
SELECT
    window_start,
    window_end,
    event_type,
    COUNT(*) as event_count
FROM TABLE(
    TUMBLE(TABLE kafka_savepoint_events, DESCRIPTOR(event_time), INTERVAL '1' MINUTE)
)
GROUP BY window_start, window_end, event_type;
