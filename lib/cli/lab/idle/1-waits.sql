-- Counts per minute over two partitions. One that is silent holds every window open.
USE CATALOG iceberg_catalog;
CREATE DATABASE IF NOT EXISTS demo;
USE demo;

CREATE TABLE IF NOT EXISTS waits_counts (
    window_start TIMESTAMP(6),
    window_end TIMESTAMP(6),
    event_count BIGINT
);

USE CATALOG default_catalog;

CREATE TABLE waits_events (
    event_id STRING,
    user_id STRING,
    event_type STRING,
    amount INT,
    event_time TIMESTAMP(3),
    WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = 'idle-events',
    'properties.bootstrap.servers' = 'kafka:29092',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO iceberg_catalog.demo.waits_counts
SELECT
    window_start,
    window_end,
    COUNT(*) AS event_count
FROM TABLE(
    TUMBLE(TABLE waits_events, DESCRIPTOR(event_time), INTERVAL '1' MINUTE)
)
GROUP BY window_start, window_end;
