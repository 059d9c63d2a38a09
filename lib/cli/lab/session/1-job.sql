-- What each user does without a pause of a minute. Sessions of a user that meet become one.
USE CATALOG iceberg_catalog;
CREATE DATABASE IF NOT EXISTS demo;
USE demo;

CREATE TABLE IF NOT EXISTS user_sessions (
    window_start TIMESTAMP(6),
    window_end TIMESTAMP(6),
    user_id STRING,
    event_count BIGINT
);

USE CATALOG default_catalog;

CREATE TABLE session_events (
    event_id STRING,
    user_id STRING,
    event_type STRING,
    amount INT,
    event_time TIMESTAMP(3),
    WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = 'session-events',
    'properties.bootstrap.servers' = 'kafka:29092',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO iceberg_catalog.demo.user_sessions
SELECT
    window_start,
    window_end,
    user_id,
    COUNT(*) AS event_count
FROM TABLE(
    SESSION(TABLE session_events PARTITION BY user_id, DESCRIPTOR(event_time), INTERVAL '1' MINUTE)
)
GROUP BY window_start, window_end, user_id;
